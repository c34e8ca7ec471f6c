import { digestBytes } from './hash';
import { hmac } from './hmac';
import { digest, message } from './memory';

/** A code takes 16 bytes: its digits in ASCII, then zeros. */
export const CODE_BYTES: usize = 16;

/** Bytes past the digits of a code that no token can contain, so that a void code never matches. */
const VOID: u64 = 0xffffffffffffffff;

/** The HOTP value of a counter as `digits` ASCII digits, leading zeros kept: RFC 4226 §5.3. */
export function hotp(algorithm: i32, record: usize, counter: u64, digits: i32, out: usize): void {
  store<u64>(message(), bswap(counter));
  hmac(algorithm, record, message(), 8);
  // Dynamic truncation, §5.4, with the last byte of whichever digest.
  const offset = load<u8>(digest() + digestBytes(algorithm) - 1) & 15;
  let value = bswap(load<u32>(digest() + offset)) & 0x7fffffff;

  store<u64>(out, 0);
  store<u64>(out, 0, 8);
  for (let i = digits - 1; i >= 0; i--) {
    store<u8>(out + i, 0x30 + (value % 10));
    value /= 10;
  }
}

/** A code that no token matches: for a step before the first. */
export function voidCode(out: usize): void {
  store<u64>(out, VOID);
  store<u64>(out, VOID, 8);
}
