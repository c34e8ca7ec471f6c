/**
 * Key URIs: read or refused by one `VerifierError` that shows no part of them; what was read can be
 * written and read.
 */
import { deepStrictEqual, ok } from 'node:assert';
import fc from 'fast-check';
import { VerifierError } from '../../../src/index.js';
import { type OtpauthKey, otpauthUri, parseOtpauthUri } from '../../../src/otp/otpauth.js';
import { anyTextOf, type FuzzTarget, utf8 } from '../target.js';

/** Stands in most inputs, and must stand in no message. */
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

function read(uri: string): OtpauthKey | undefined {
  try {
    return parseOtpauthUri(uri);
  } catch (error) {
    ok(error instanceof VerifierError && error.code === 'ERR_OPTION' && error.field, `${error}`);
    ok(!error.message.includes(SECRET.slice(0, 8)), 'a message that shows the secret');
    return undefined;
  }
}

function run(input: Uint8Array): void {
  const key = read(anyTextOf(input));
  if (key === undefined) return;
  const { counter, period, ...rest } = key;
  const written = otpauthUri({
    ...rest,
    ...(counter !== undefined && { counter }),
    ...(period !== undefined && { period }),
  });
  deepStrictEqual(parseOtpauthUri(written), key, 'written and read');
}

const seeds = [
  `otpauth://totp/ACME%20Co:john@example.com?secret=${SECRET}&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30`,
  `otpauth://hotp/alice?secret=${SECRET}&counter=18446744073709551615&algorithm=SHA512`,
  `OTPAUTH://TOTP/a:%20b?SECRET=${SECRET.toLowerCase()}&image=x#y`,
];

export const target: FuzzTarget = {
  name: 'otpauth',
  testInputs: 400,
  seeds: seeds.map(utf8),
  words: [
    ...[
      'otpauth://',
      'totp/',
      'hotp/',
      '?',
      '&',
      '=',
      '#',
      '%3A',
      '%20',
      '+',
      ':',
      '%ff',
      '%',
      '/',
      '..',
    ],
    ...[
      'secret=',
      'issuer=',
      'digits=',
      'period=',
      'counter=',
      'algorithm=',
      'SHA-256',
      '0',
      '-1',
      '1e3',
    ],
    ...['\u0131', '\ud800', '%ED%A0%80', '%00', SECRET],
  ],
  inputs: fc
    .tuple(
      fc.constantFrom('totp', 'hotp', 'TOTP', ''),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.option(fc.string({ unit: 'grapheme', maxLength: 12 })),
      fc.dictionary(
        fc.constantFrom('issuer', 'digits', 'period', 'counter', 'algorithm', 'Secret', 'image'),
        fc.oneof(
          fc.string({ maxLength: 8 }),
          fc.nat(100).map(String),
          fc.constantFrom('SHA1', 'SHA-512'),
        ),
      ),
    )
    .map(([type, account, issuer, parameters]) => {
      const label = `${issuer === null ? '' : `${encodeURIComponent(issuer)}:`}${encodeURIComponent(account)}`;
      return utf8(
        `otpauth://${type}/${label}?${new URLSearchParams({ secret: SECRET, ...parameters })}`,
      );
    }),
  open: async () => run,
};
