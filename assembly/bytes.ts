/**
 * Constant vectors, in memory: a load is one instruction, while an engine that meets a vector
 * literal builds it from general registers each time, in four.
 */

/** Reverses the bytes of each 32-bit word. */
// prettier-ignore
const SWAP: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12], 16);
// prettier-ignore
const POSITIONS: usize = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);

/** Big-endian words to host order, or back. */
@inline export function bswap32x4(x: v128): v128 {
  return v128.swizzle(x, v128.load(SWAP));
}

/** 0, 1, … 15: the place of each byte in a vector. */
@inline export function positions(): v128 {
  return v128.load(POSITIONS);
}
