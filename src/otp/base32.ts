import { keyRoom } from '../text/utf8.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const CHAR_BITS = 5;

/**
 * The most characters of a key's text. 4096 bytes take 6554, and the rest is for spaces and
 * hyphens.
 */
export const MAX_BASE32_CHARS = 16_384;

/** First and last of each run of zero-width characters: Unicode's category Cf, and U+180E. */
const INVISIBLE = [
  0xad, 0xad, 0x61c, 0x61c, 0x180e, 0x180e, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x2069,
] as const;

/**
 * Whether a character is ignored between those of a key: hyphens, padding and white space, and
 * zero-width characters, which come with text copied from a page or a mail.
 */
function isIgnored(code: number): boolean {
  const char = String.fromCharCode(code);
  if (char === '=' || char === '-' || code === 0x85 || char.trim() === '') return true;
  return INVISIBLE.some((first, i) => i % 2 === 0 && first <= code && code <= INVISIBLE[i + 1]!);
}

/** The five-bit value of each ASCII character, in either case. -1: ignored. -2: not base32. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => {
  if (isIgnored(code)) return -1;
  const value = ALPHABET.indexOf(String.fromCharCode(code).toUpperCase());
  return value < 0 ? -2 : value;
});

/** The same for any UTF-16 unit. */
function valueOfUnit(code: number): number {
  return VALUES[code] ?? (isIgnored(code) ? -1 : -2);
}

/**
 * Decodes base32 text as people pass it on: RFC 4648 §6 in upper or lower case, of any length, with
 * hyphens, `=`, white space and zero-width characters anywhere. Bits at the end that do not fill a
 * byte are dropped, zero or not.
 *
 * Does not use a library, which would leave copies of the key on the heap, or a regular expression,
 * which would leave the text in `RegExp.$_`. The result is the only copy of the key.
 *
 * @returns The bytes. Empty for a text without base32 characters. `null` if the text has any other
 *   character.
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

/** How many base32 characters the text has. -1 if it has a character that is not allowed. */
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
