import { paddedText } from './lanes';
import { lanes } from './memory';
import { K } from './sha256';

/**
 * The signed message of a token, in rows of sixteen bytes, padded as FIPS 180-4 §5.1.1 says.
 *
 * It is 40 digits and the jid, after 64 bytes of key, so by the jid's length
 *
 *   up to 15 bytes   one block
 *   16 to 23         two; the second is padding only, the same for all jids of a length
 *   24 to 79         two
 */
export const PREFIX: u32 = 40;
export const ONE_BLOCK: u32 = 15;
export const KNOWN_BLOCK: u32 = 23;
export const TWO_BLOCKS: u32 = 79;

/** Bits of the whole message, key block included: the padding's last word. */
@inline function messageBits(jidLength: u32): u32 {
  return (64 + PREFIX + jidLength) * 8;
}

@inline function withBits(row: v128, jidLength: u32): v128 {
  return i32x4.replace_lane(row, 3, bswap(messageBits(jidLength)));
}

/** Row 2 of the first block, after two of digits alone: the last eight digits, then the jid. */
@inline export function jointRow(token: usize, jid: usize, jidLength: u32): v128 {
  return v128.shuffle<u64>(v128.load64_zero(token + 32), paddedText(jid, jidLength, 0), 0, 2);
}

/** Row 3: more of the jid, and the message's length where it ends in this block. */
@inline export function lastRow(jid: usize, jidLength: u32): v128 {
  const text = paddedText(jid, jidLength, 8);
  return jidLength > ONE_BLOCK ? text : withBits(text, jidLength);
}

/** Rows 0 to 2 of the second block. */
@inline export function secondRow(jid: usize, jidLength: u32, row: u32): v128 {
  return paddedText(jid, jidLength, 24 + row * 16);
}

@inline export function secondLastRow(jid: usize, jidLength: u32): v128 {
  return withBits(paddedText(jid, jidLength, 72), jidLength);
}

/**
 * Bytes under `lanes()` that hold W + K of the second block for jids of 16 to 23 bytes, one table a
 * length.
 */
const TABLE: usize = 256;
export const TABLES_BYTES: usize = TABLE * (KNOWN_BLOCK - ONE_BLOCK);

/** Where W + K of the block is that follows a jid of this length. */
@inline export function knownBlock(jidLength: u32): usize {
  return lanes() + <usize>(jidLength - ONE_BLOCK - 1) * TABLE;
}

/**
 * Computes those tables: zeros and the message's length, FIPS 180-4 §6.2.2 step 1, then K added.
 */
export function prepareKnownBlocks(): void {
  for (let length = ONE_BLOCK + 1; length <= KNOWN_BLOCK; length++) {
    const w = knownBlock(length);
    memory.fill(w, 0, 60);
    store<u32>(w, messageBits(length), 60);
    for (let t: usize = 16; t < 64; t++) {
      const at = w + t * 4;
      const w15 = load<u32>(at - 60);
      const w2 = load<u32>(at - 8);
      const small0 = rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3);
      const small1 = rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10);
      store<u32>(at, load<u32>(at - 64) + small0 + load<u32>(at - 28) + small1);
    }
    for (let t: usize = 0; t < TABLE; t += 4) store<u32>(w + t, load<u32>(w + t) + load<u32>(K + t));
  }
}
