/**
 * What the core says of a token and what the guard says of a mark: one set of numbers, which is
 * part of the ABI.
 *
 * TypeScript has the same numbers as VERDICT_CODES and GUARD_CODES, and
 * test/unit/assembly/numbers.test.ts compares them. They stand in the order of the checks, so of
 * two answers the larger one is the worse.
 */
export const ACCEPTED: i32 = 0;
export const MALFORMED: i32 = 1;
export const UNKNOWN_HOST: i32 = 2;
export const WRONG_OTP: i32 = 3;
export const BAD_SIGNATURE: i32 = 4;
export const REPLAYED: i32 = 5;
export const STALE: i32 = 6;
export const GUARD_UNAVAILABLE: i32 = 7;
/** Not a verdict: the host has to prepare the jid and ask again. */
export const ASK_PREPARED: i32 = 8;

// The guard answers FRESH, REPLAYED, STALE or UNAVAILABLE.
export const FRESH: i32 = 0;
export const UNAVAILABLE: i32 = 7;

/**
 * An answer: a verdict in bits 0-7, the key's index in bits 8-15, that of the step in the window in
 * bits 16-20.
 */
@inline export function answer(verdict: i32, keyIndex: i32, steps: u32): i32 {
  return verdict | (keyIndex << 8) | ((31 - clz(steps)) << 16);
}

@inline export function verdictOf(answer: i32): i32 {
  return answer & 0xff;
}

@inline export function keyIndexOf(answer: i32): i32 {
  return (answer >> 8) & 0xff;
}
