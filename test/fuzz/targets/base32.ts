/** Seeds as text: decoded as the plainest reading of RFC 4648 §6 says, and encoded back. */
import { deepStrictEqual, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from '../../../src/otp/base32.js';
import { decodeBase32 as plainly } from '../../unit/token/reference.js';
import { anyTextOf, type FuzzTarget, utf8 } from '../target.js';

/** White space, hyphens, padding and what is not seen. */
const IGNORED =
  /[\s=\u0085\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069-]/;

function run(input: Uint8Array): void {
  const text = anyTextOf(input);
  const decoded = decodeBase32(text);
  const chars = [...text].filter((char) => !IGNORED.test(char));
  const isBase32 = chars.every((char) => /^[A-Za-z2-7]$/.test(char));
  strictEqual(decoded !== null, isBase32, 'what is base32');
  if (decoded !== null)
    deepStrictEqual(Buffer.from(decoded), plainly(chars.join('').toUpperCase()));

  const encoded = encodeBase32(input);
  deepStrictEqual(Buffer.from(decodeBase32(encoded)!), Buffer.from(input), 'encoded and decoded');
  deepStrictEqual(plainly(encoded), Buffer.from(input));
}

export const target: FuzzTarget = {
  name: 'base32',
  testInputs: 1000,
  seeds: ['', 'MZXW6YTBOI======', 'mzxw 6ytb-oi', 'A', 'AB1'].map(utf8),
  words: ['=', ' ', '-', 'A', 'z', '7', '1', '\u0131', '\u017f', '\u212a', '\0', '\n', '\u200b'],
  inputs: fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .string({ unit: fc.constantFrom(...'ABCXYZabcxyz234567=- 189\u0131\u017f'), maxLength: 80 })
      .map(utf8),
  ),
  open: async () => run,
};
