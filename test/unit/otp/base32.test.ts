import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../../src/otp/base32.js';
import rfc4648 from '../../vectors/rfc4648.json' with { type: 'json' };

const text = (bytes: Uint8Array | null): string | null =>
  bytes && Buffer.from(bytes).toString('latin1');

describe('base32', () => {
  for (const { text: plain, base32 } of rfc4648.cases) {
    const unpadded = base32.replaceAll('=', '');
    it(`RFC 4648 §10: BASE32("${plain}") = "${base32}"`, () => {
      expect(encodeBase32(Buffer.from(plain))).toBe(unpadded);
      expect(text(decodeBase32(base32))).toBe(plain);
      expect(text(decodeBase32(unpadded.toLowerCase()))).toBe(plain);
    });
  }

  for (const [why, input, expected] of [
    ['mixed case', 'mZxW6yTbOi', 'foobar'],
    ['spaces', ' MZXW 6YTB OI ', 'foobar'],
    ['hyphens', '-MZXW-6YTB--OI-', 'foobar'],
    ['tabs and line breaks', '\tMZXW\r\n6YTB\v\fOI\n', 'foobar'],
    ['a byte order mark', '\ufeffMZXW6YTBOI', 'foobar'],
    ['padding anywhere', '=MZ=XW6YTB===OI=', 'foobar'],
    ['nothing that counts', ' -= ', ''],
    // 'MY' is 'f' and two zero bits; 'MZ' has the same eight bits before others, RFC 4648 §3.5.
    ['leftover bits that are not zero', 'MZ', 'f'],
    ['a character that fills no byte', 'MZXW6YTBA', 'fooba'],
    ['a single character', '7', ''],
    // Three and six characters over are of no canonical length.
    ['three characters of a group', 'MZX', 'f'],
    ['six characters of a group', 'MZXW6Y', 'foo'],
  ] as const) {
    it(`takes ${why}`, () => expect(text(decodeBase32(input))).toBe(expected));
  }

  for (const [why, input] of [
    ['a digit outside the alphabet', 'MZXW0'],
    ['a digit outside the alphabet', 'MZXW1'],
    ['a digit outside the alphabet', 'MZXW8'],
    ['a hyphen of another script', 'MZXW\u20106YTB'],
    ['a combining mark', 'MZXW6\u0308YTB'],
    ['a dotless i, in upper case an I', 'MZXW6YTBOı'],
    ['a long s, in upper case an S', 'MZXW6YTBſ'],
    ['a Kelvin sign, in lower case a k', 'MZXW6YTB\u212a'],
    ['a ligature, in upper case two letters', 'ﬁ'],
    ['full-width letters', 'ＭＺＸＷ'],
    ['a lone surrogate', 'MZXW\ud800'],
    ['a NUL', 'MZXW\0'],
  ] as const) {
    it(`refuses ${why}`, () => expect(decodeBase32(input)).toBeNull());
  }

  it('takes every character that Unicode counts as white space, and invisible ones', () => {
    // Cf is U+00AD, U+061C, U+200B to U+200F and others without a width.
    const invisible = Array.from({ length: 0x10000 }, (_, code) =>
      String.fromCharCode(code),
    ).filter((char) =>
      /[\s\u0085\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]/u.test(
        char,
      ),
    );
    expect(invisible.length).toBeGreaterThan(40);
    for (const char of invisible) {
      expect(text(decodeBase32(`${char}MZXW${char}6YTBOI${char}`)), char).toBe('foobar');
    }
  });

  it('decodes its own encoding, in groups and in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const encoded = encodeBase32(bytes);
        const grouped = encoded.replace(/.{4}/g, '$& ').toLowerCase();
        expect(decodeBase32(encoded)).toEqual(bytes);
        expect(decodeBase32(grouped)).toEqual(bytes);
      }),
    );
  });

  it('reads any text of the alphabet as its bits, in whole bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const chars = fc.array(fc.constantFrom(...alphabet), { maxLength: 60 });
    fc.assert(
      fc.property(chars, (input) => {
        const bits = input
          .map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0'))
          .join('');
        const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
        expect([...decodeBase32(input.join(''))!]).toEqual(bytes);
      }),
    );
  });

  it('returns bytes in memory of their own, without leftover bits behind them', () => {
    expect(decodeBase32('MZXW6YTBA')?.buffer.byteLength).toBe(5);
  });
});
