/**
 * The ABI: every export with its contract. Nothing is imported from the host.
 *
 * Strings and bytes are written by the host at `inputAddress()`, one call's arguments at a time.
 * Addresses stay the same for the life of an instance; the memory's buffer does not, once keys or
 * guards made it grow. Algorithms: 1 SHA-1, 2 SHA-256, 3 SHA-512. A step is a whole number in an
 * f64, 0 to 2^53 - 1.
 */
import { begin, finish, initial, update } from './hash';
import { hmac, hmacBegin, hmacFinish, KEY_BYTES, setKey } from './hmac';
import { hotp } from './hotp';
import { addKey, createHost, findHost, linkHost, removeHost } from './keyring';
import { batchCount, batchOfJoined, batchOfLines, beginBatch, endBatch } from './batch';
import { alloc, answers, BATCH, digest, free, input, INPUT_BYTES, jidInput, marks, state, wipeAll, wipeInput } from './memory';
import { createGuard, generationEntries, generationStep, guardSize, wipeGuard } from './generations';
import { configureTokens, deferGuard, issueToken, settleMarks, verifyToken } from './token';

/**
 * The number of this ABI. It changes with any change that a host would notice: an export removed,
 * another order or unit of arguments, another layout of what they point to, another code of a
 * result. An export that is added leaves it alone. src/wasm/instance.ts has the same number, and so
 * has docs/core-abi.md, which describes all this for hosts in other languages.
 */
export function abi(): i32 { return 1; }

/** Where the host writes. */
export function inputAddress(): usize { return input(); }
/** How many bytes it may write there. */
export function inputBytes(): usize { return INPUT_BYTES; }
/** Where the jid goes of a token that is verified by itself. */
export function jidAddress(): usize { return jidInput(); }
/** Where a digest or a MAC of 20, 32 or 64 bytes is after the call that makes one. */
export function digestAddress(): usize { return digest(); }

/** Starts the one running hash. */
export function hashBegin(algorithm: i32): void {
  initial(algorithm, state());
  begin(state(), 0);
}
/** Gives it, or the running MAC, the next `length` bytes of the input. */
export function hashUpdate(algorithm: i32, length: usize): void { update(algorithm, input(), length); }
export function hashFinish(algorithm: i32): void { finish(algorithm); }

/**
 * A MAC key from `length` bytes of the input, which are wiped. Returns its record; 0: no memory.
 */
export function keyCreate(algorithm: i32, length: usize): usize {
  const record = alloc(KEY_BYTES);
  if (record) setKey(algorithm, record, input(), length);
  wipeInput(length);
  return record;
}
/** Wipes the record and gives it back. */
export function keyFree(record: usize): void { free(record, KEY_BYTES); }

/** The MAC of `length` bytes of the input. */
export function mac(algorithm: i32, record: usize, length: usize): void { hmac(algorithm, record, input(), length); }
/** A MAC of a longer message: macBegin, hashUpdate for each part, macFinish. */
export function macBegin(algorithm: i32, record: usize): void { hmacBegin(algorithm, record); }
export function macFinish(algorithm: i32, record: usize): void { hmacFinish(algorithm, record); }

/** The HOTP value of a 64-bit counter, as `digits` ASCII digits at the start of the input. */
export function hotpCode(algorithm: i32, record: usize, counterHigh: u32, counterLow: u32, digits: i32): void {
  hotp(algorithm, record, (<u64>counterHigh << 32) | counterLow, digits, input());
}

/** Sets the form of tokens and the window of this instance. Once, before the first host. */
export function configure(
  past: u32, future: u32, digits: u32, nonceMin: u32, nonceMax: u32, algorithm: i32,
): void {
  configureTokens(past, future, digits, nonceMin, nonceMax, algorithm);
}

/** A host without keys, from the domain in the input; it is in no keyring yet. 0: no memory. */
export function hostCreate(length: u32): usize { return createHost(input(), length); }
/**
 * Gives it a key: the input holds the decoded seed, then the secret, and is wiped. False: no
 * memory.
 */
export function hostAddKey(host: usize, seedLength: u32, secretLength: u32): bool {
  const added = addKey(host, input(), seedLength, input() + seedLength, secretLength);
  wipeInput(seedLength + secretLength);
  return added;
}
/**
 * Puts a host into the keyring. An old one of that domain must have been found before and be
 * removed after.
 */
export function hostLink(host: usize): void { linkHost(host); }
/** The host of the domain in the input, 0 when there is none. */
export function hostFind(length: u32): usize { return findHost(input(), length); }
/** Takes a host out of the keyring, wipes its keys and gives the memory back. */
export function hostRemove(host: usize): void { removeHost(host); }

/**
 * Lays out the replay guard: `generations` steps of `capacity` tokens each. Once. False: no memory.
 */
export function guardCreate(generations: u32, capacity: u32, firstStep: f64): bool {
  return createGuard(generations, capacity, <i64>firstStep);
}
export function guardStep(index: u32): f64 { return <f64>generationStep(index); }
export function guardEntries(index: u32): u32 { return generationEntries(index); }
/** Bytes that a guard takes. */
export function guardBytes(generations: u32, capacity: u32): f64 { return <f64>guardSize(generations, capacity); }

/**
 * Verifies one token: `length` bytes at the input, and its jid at `jidAddress()`.
 *
 * Returns  verdict | key index << 8 | index in the window << 16,  with the verdicts of verdict.ts.
 */
export function verify(length: u32, jidLength: u32, step: f64, askPrepared: bool): i32 {
  return verifyToken(input(), length, jidInput(), jidLength, <i64>step, askPrepared);
}

/**
 * Verifies `tokens` tokens (BATCH at most) that stand back to back, `length` bytes each, with their
 * jids after them up to the input's byte `end`, LF between two. Returns how many were answered, in
 * order: all, or those before one whose jid has to be prepared; -1 when a jid holds an LF, and then
 * nothing was looked at.
 */
export function verifyJoined(tokens: u32, length: u32, end: usize, step: f64, askPrepared: bool): i32 {
  beginBatch(<i64>step, askPrepared);
  if (!batchOfJoined(tokens, length, input() + end)) return -1;
  endBatch();
  return batchCount();
}

/**
 * Verifies the lines `jid TAB token LF` in the first `end` bytes of the input, BATCH at most, up to
 * one whose jid has to be prepared.
 *
 * Returns  lines that were answered | the bytes that they took << 11.
 */
export function verifyLines(end: usize, step: f64, askPrepared: bool): u32 {
  beginBatch(<i64>step, askPrepared);
  const taken = batchOfLines(input() + end);
  endBatch();
  return taken;
}

/** Where the answers of a batch are, an i32 each, as `verify` returns them. */
export function answersAddress(): usize { return answers(); }
/** Most tokens that one call verifies. */
export function batchSize(): u32 { return BATCH; }

/**
 * From now on another guard decides. A token that is signed right and not known here is answered as
 * accepted without being remembered, and its mark is left: for the nth token of a call 16 bytes at
 * `marksAddress() + 16 * n`, first 12 bytes of the MAC | the window's steps that have its OTP u32,
 * as bits.
 */
export function guardDefer(): void { deferGuard(); }
export function marksAddress(): usize { return marks(); }
/**
 * Remembers the `count` marks in the input, BATCH at most, made at `step`, and answers each with a
 * verdict.
 */
export function guardSettle(count: u32, step: f64): void { settleMarks(count, <i64>step); }

/**
 * Issues one token in place: see issueToken. Returns 0, or the verdict that a jid of this kind
 * would get.
 */
export function issue(nonceDigits: u32, jidLength: u32, step: f64, askPrepared: bool): i32 {
  return issueToken(nonceDigits, jidLength, <i64>step, askPrepared);
}

/**
 * Wipes everything that this instance ever wrote: keys, scratch, the guard's entries. What was
 * never written is not touched, so that the system need not back it. It must not be used again.
 */
export function wipe(): void {
  wipeGuard();
  wipeAll();
}
