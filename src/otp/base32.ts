import { base32nopad } from '@scure/base';
import { keyRoom } from '../text/utf8.js';

/**
 * Spaces, hyphens and padding as people write them; all other white space, and marks without a
 * width, as text copied from a page or a mail carries them (Unicode's White_Space and the invisible
 * characters of its category Cf).
 */
const IGNORED = new Set(
  [
    ' =-\t\n\v\f\r\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000',
    '\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
    '\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff',
    '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
  ].flatMap((chars) => [...chars].map((char) => char.charCodeAt(0))),
);
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
  if (IGNORED.has(code)) return -1;
  const value = ALPHABET.indexOf(String.fromCharCode(code).toUpperCase());
  return value < 0 ? -2 : value;
});

/** The same of any UTF-16 unit. */
function valueOfUnit(code: number): number {
  return VALUES[code] ?? (IGNORED.has(code) ? -1 : -2);
}

/**
 * Decodes base32 text as people hand it around: RFC 4648 §6 in upper or lower case, of any length,
 * with hyphens, `=`, white space and characters without a width anywhere. Bits that fill no byte
 * are dropped, zero or not.
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
  return base32nopad.encode(bytes);
}
