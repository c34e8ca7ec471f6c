/**
 * Key URIs and exports: read or refused by one `VerifierError` that shows no part of them; what is
 * read strictly is read the same otherwise, and can be written and read.
 */
import { deepStrictEqual, ok } from 'node:assert';
import fc from 'fast-check';
import { VerifierError } from '../../../src/index.js';
import { type OtpauthKey, otpauthUri } from '../../../src/otp/otpauth.js';
import { parseOtpauthMigration } from '../../../src/otp/otpauth-migration.js';
import { parseOtpauthUri } from '../../../src/otp/parse-otpauth.js';
import { anyTextOf, type FuzzTarget, utf8 } from '../target.js';

/** Stands in most inputs, and must stand in no message. */
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    ok(error instanceof VerifierError && error.code === 'ERR_OPTION' && error.field, `${error}`);
    ok(!error.message.includes(SECRET.slice(0, 8)), 'a message that shows the secret');
    return undefined;
  }
}

function run(input: Uint8Array): void {
  const uri = anyTextOf(input);
  const data = Buffer.from(input).toString('base64url');
  read(() => parseOtpauthMigration(uri));
  read(() => parseOtpauthMigration(`otpauth-migration://offline?data=${data}`));
  const imported = read(() => parseOtpauthUri(uri));
  const key: OtpauthKey | undefined = read(() => parseOtpauthUri(uri, { strict: true }));
  if (key === undefined) return;
  deepStrictEqual(imported, key, 'read strictly and otherwise');
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
      'HmacSHA1',
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
