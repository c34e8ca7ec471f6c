import { bswap32x4, positions } from './bytes';

/** Bytes of a vector of sixteen words or of eight, four lanes each. */
export const BLOCK4: usize = 256;
export const STATE4: usize = 128;

/**
 * Four rows of four words to four vectors at `out`, lane i of vector j being word j of row i. Its
 * own inverse.
 */
@inline export function storeTransposed(out: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(low01, low23, 0, 2));
  v128.store(out, v128.shuffle<u64>(low01, low23, 1, 3), 16);
  v128.store(out, v128.shuffle<u64>(high01, high23, 0, 2), 32);
  v128.store(out, v128.shuffle<u64>(high01, high23, 1, 3), 48);
}

/** The same for big-endian text. */
@inline export function storeWords(out: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  storeTransposed(out, bswap32x4(r0), bswap32x4(r1), bswap32x4(r2), bswap32x4(r3));
}

const MARK: usize = memory.data<u64>([0x8080808080808080, 0x8080808080808080], 16);

/**
 * Bytes `from` to `from + 15` of a text of `length` bytes as its padded message has them: the text,
 * 0x80 right after it, zeros. Reads on past the end.
 */
@inline export function paddedText(text: usize, length: u32, from: u32): v128 {
  // Signed: the end may lie before these bytes, and never 128 or more past their start.
  const end = i8x16.splat(<i8>(length - from));
  const inside = v128.and(v128.load(text + from), i8x16.gt_s(end, positions()));
  return v128.or(inside, v128.and(i8x16.eq(positions(), end), v128.load(MARK)));
}

/** The words of four chaining values that stand in four places, lane by lane. */
@inline export function gatherStates(out: usize, s0: usize, s1: usize, s2: usize, s3: usize): void {
  storeTransposed(out, v128.load(s0), v128.load(s1), v128.load(s2), v128.load(s3));
  storeTransposed(out + 64, v128.load(s0, 16), v128.load(s1, 16), v128.load(s2, 16), v128.load(s3, 16));
}
