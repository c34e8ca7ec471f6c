import { keyRoom } from '../text/utf8.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHAR_BITS = 5;

/**
 * Characters that the text of a key may have: 4096 bytes take 6554, and the rest is for spaces and
 * hyphens.
 */
export const MAX_BASE32_CHARS = 16_384;

/** First and last of each run of characters without a width: Unicode's category Cf, and U+180E. */
const INVISIBLE = [
  0xad, 0xad, 0x61c, 0x61c, 0x180e, 0x180e, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x2069,
] as const;

/**
 * Whether people or programs put a character between those of a key: hyphens and padding, white
 * space, and marks without a width, which text copied from a page or a mail carries.
 */
function isIgnored(code: number): boolean {
  const char = String.fromCharCode(code);
  if (char === '=' || char === '-' || code === 0x85 || char.trim() === '') return true;
  return INVISIBLE.some((first, i) => i % 2 === 0 && first <= code && code <= INVISIBLE[i + 1]!);
}

/**
 * Five bits for each ASCII character, in either case; -1 for what is ignored, -2 for what is no
 * base32.
 */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => {
  if (isIgnored(code)) return -1;
  const value = ALPHABET.indexOf(String.fromCharCode(code).toUpperCase());
  return value < 0 ? -2 : value;
});

/** The same of any UTF-16 unit. */
function valueOfUnit(code: number): number {
  return VALUES[code] ?? (isIgnored(code) ? -1 : -2);
}

/**
 * Decodes base32 text as people hand it around: RFC 4648 §6 in upper or lower case, of any length,
 * with hyphens, `=`, white space and characters without a width anywhere. Bits that fill no byte
 * are dropped, zero or not.
 *
 * Not by a library, which leaves copies of what it decodes on the heap, nor by a regular expression,
 * which would leave the text in `RegExp.$_`: the one copy of the key is what is returned.
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
    const value = valueOfUnit(text.charCodeAt(i));
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
    const value = valueOfUnit(text.charCodeAt(i));
    if (value === -2) return -1;
    if (value >= 0) count++;
  }
  return count;
}

/** Encodes bytes as base32 in upper case, without padding: RFC 4648 §6. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let have = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (have += 8; have >= CHAR_BITS; have -= CHAR_BITS) {
      text += ALPHABET[(bits >> (have - CHAR_BITS)) & 31];
    }
  }
  return have === 0 ? text : text + ALPHABET[(bits << (CHAR_BITS - have)) & 31];
}
