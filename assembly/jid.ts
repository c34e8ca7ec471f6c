import { positions } from './bytes';

/** localpart and domainpart hold 1 to 1023 bytes each: RFC 6122 §2.1. */
export const PART_BYTES: u32 = 1023;

// What `scanJid` returns:  form of the jid in bits 0-1 | bytes of its localpart from bit 2 on
export const JID_GOOD: u32 = 0;
export const JID_BAD: u32 = 1;
/** It holds upper case or bytes beyond ASCII: preparation (RFC 6122 §2) may change it. */
export const JID_UNPREPARED: u32 = 2;

@inline export function formOf(scanned: u32): u32 {
  return scanned & 3;
}

/** Bytes before the `@`: where the jid's first one stands. */
@inline export function localpartOf(scanned: u32): u32 {
  return scanned >> 2;
}

/**
 * The class of sixteen bytes at once: one look-up by the low half of a byte and one by the high
 * half share exactly the bits of the classes that the byte is in.
 *
 *   0x0f  control, space or one of "&'/:<> or DEL: not in a localpart (RFC 6122 §2.3)
 *   0x30  A-Z        0x40  @        0x80  beyond ASCII
 */
@inline function classes(bytes: v128): v128 {
  const nibble = v128.load(NIBBLE);
  return v128.and(
    v128.swizzle(v128.load(BY_LOW), v128.and(bytes, nibble)),
    v128.swizzle(v128.load(BY_HIGH), v128.and(i16x8.shr_u(bytes, 4), nibble)),
  );
}
// prettier-ignore
const BY_LOW: usize = memory.data<u8>([
  0xe3, 0xb1, 0xb3, 0xb1, 0xb1, 0xb1, 0xb3, 0xb3, 0xb1, 0xb1, 0xb5, 0x91, 0x95, 0x91, 0x95, 0x9b,
], 16);
// prettier-ignore
const BY_HIGH: usize = memory.data<u8>([
  0x01, 0x01, 0x02, 0x04, 0x50, 0x20, 0x00, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
], 16);
const NIBBLE: usize = memory.data<u64>([0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f], 16);
const AT: usize = memory.data<u64>([0x4040404040404040, 0x4040404040404040], 16);
const FORBIDDEN: u64 = 0x0f0f0f0f0f0f0f0f;
const UNPREPARED: u64 = 0xb0b0b0b0b0b0b0b0;

@inline function lanesBelow(n: u32): v128 {
  return i8x16.gt_s(i8x16.splat(<i8>min(n, 16)), positions());
}

/** Whether a byte has one of these classes. */
@inline function some(found: v128, wanted: u64): bool {
  return ((i64x2.extract_lane(found, 0) | i64x2.extract_lane(found, 1)) & wanted) != 0;
}

/**
 * Splits a bare jid at its first `@` and says whether its bytes are those of a prepared one.
 * Returns its form and, unless that is JID_BAD, the length of its localpart.
 *
 * A second `@`, or a resource, is left in the domain: no host of the keyring can match it. Reads up
 * to 15 bytes past the end.
 */
export function scanJid(jid: usize, length: u32): u32 {
  let all = i32x4.splat(0);
  let local = i32x4.splat(0);
  let at: i32 = -1;
  for (let offset: u32 = 0; offset < length; offset += 16) {
    const bytes = v128.load(jid + offset);
    const valid = lanesBelow(length - offset);
    const found = v128.and(classes(bytes), valid);
    all = v128.or(all, found);
    if (at < 0) {
      const marks = i8x16.bitmask(v128.and(i8x16.eq(bytes, v128.load(AT)), valid));
      if (marks) {
        const lane = ctz(marks);
        at = <i32>offset + lane;
        local = v128.or(local, v128.and(found, lanesBelow(lane)));
      } else {
        local = v128.or(local, found);
      }
    }
  }
  const domain = length - <u32>at - 1;
  if (at < 1 || at > <i32>PART_BYTES || domain < 1 || domain > PART_BYTES) return JID_BAD;
  if (some(local, FORBIDDEN)) return JID_BAD;
  return (some(all, UNPREPARED) ? JID_UNPREPARED : JID_GOOD) | (<u32>at << 2);
}
