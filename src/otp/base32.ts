import { base32nopad } from '@scure/base';

/** Eight characters hold five whole bytes: a text of that many groups leaves no bits over. */
const GROUP_CHARS = 8;
const IGNORED = ' =-';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567';

/**
 * Decodes base32 text as people hand it around: RFC 4648 §6 in upper or lower case, of any length, with spaces,
 * hyphens and `=` anywhere. Bits that fill no byte are dropped, zero or not.
 *
 * @returns The bytes, none for a text without characters that count; `null` when any other character is in it.
 *
 * @example
 * decodeBase32('mzxw 6ytb-oi======'); // the bytes of 'foobar'
 */
export function decodeBase32(text: string): Uint8Array<ArrayBuffer> | null {
  // No regular expression: the text of the last match, a seed, would stay behind for all code to read in `RegExp.$_`.
  const all = [...text].filter((char) => !IGNORED.includes(char));
  // Tested before the case is changed: 'ı' and 'ſ' are not base32, though in upper case they are I and S.
  if (!all.every((char) => ALPHABET.includes(char))) return null;
  const chars = all.join('');
  const groups = Math.ceil(chars.length / GROUP_CHARS);
  // The library refuses spare bits; with the last group filled up by zeros there are none.
  const filled = base32nopad.decode(chars.toUpperCase().padEnd(groups * GROUP_CHARS, 'A'));
  return new Uint8Array(filled.subarray(0, Math.floor((chars.length * 5) / 8)));
}

/** Encodes bytes as base32 in upper case, without padding: RFC 4648 §6. */
export function encodeBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes);
}
