import { base32nopad } from '@scure/base';
import { keyRoom } from '../text/utf8.js';

const IGNORED = ' =-';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHAR_BITS = 5;

/**
 * Characters that the text of a key may have: 4096 bytes take 6554, and the rest is for spaces and
 * hyphens.
 */
export const MAX_BASE32_CHARS = 16_384;

/**
 * Five bits for each ASCII character, in either case; -1 for what is ignored, -2 for what is no
 * base32.
 */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return IGNORED.includes(char)
    ? -1
    : ALPHABET.indexOf(char.toUpperCase()) < 0
      ? -2
      : ALPHABET.indexOf(char.toUpperCase());
});

/**
 * Decodes base32 text as people hand it around: RFC 4648 §6 in upper or lower case, of any length,
 * with spaces, hyphens and `=` anywhere. Bits that fill no byte are dropped, zero or not.
 *
 * Not by the library that encodes, which leaves copies of what it decodes on the heap, nor by a
 * regular expression, which would leave the text in `RegExp.$_`: the one copy of the key is what is
 * returned.
 *
 * @returns The bytes, none for a text without characters that count; `null` when any other
 *   character is in it.
 *
 * @example
 * decodeBase32('mzxw 6ytb-oi======'); // the bytes of 'foobar'
 */
export function decodeBase32(text: string): Uint8Array<ArrayBuffer> | null {
  const chars = countChars(text);
  if (chars < 0) return null;
  const bytes = keyRoom(Math.floor((chars * CHAR_BITS) / 8));
  let at = 0;
  let bits = 0;
  let have = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] as number;
    if (value < 0) continue;
    bits = ((bits << CHAR_BITS) | value) & 0xfff;
    have += CHAR_BITS;
    if (have < 8) continue;
    have -= 8;
    bytes[at++] = bits >> have;
  }
  return bytes;
}

/** How many characters count; -1 when one is no base32. */
function countChars(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -2;
    if (value === -2) return -1;
    if (value >= 0) count++;
  }
  return count;
}

/** Encodes bytes as base32 in upper case, without padding: RFC 4648 §6. */
export function encodeBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes);
}
