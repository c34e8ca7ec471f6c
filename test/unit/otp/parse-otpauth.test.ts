import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import { otpauthUri } from '../../../src/otp/otpauth.js';
import { parseOtpauthUri } from '../../../src/otp/parse-otpauth.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import { keyOf, thrownBy } from './reference.js';

const SECRET = 'JBSWY3DPEHPK3PXP';
const DEFAULTS = { secret: SECRET, algorithm: 'SHA-1', digits: 6, period: 30 };
const STRICT = { strict: true };

/**
 * Examples of the Key URI Format,
 * https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
const GOOGLE_FULL =
  'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30';
const GOOGLE_SHORT = `otpauth://totp/Example:alice@google.com?secret=${SECRET}&issuer=Example`;

const alice = { type: 'totp', account: 'alice', ...DEFAULTS };

describe.each([{}, STRICT])('parseOtpauthUri with %j', (options) => {
  for (const { uri, key } of [...pyotp.uris, ...pyotp.reads]) {
    it(`reads ${uri.replace(/secret=\w+/, 'secret=…')}`, () => {
      expect(parseOtpauthUri(uri, options)).toEqual(keyOf(key));
    });
  }

  it('reads the examples of the Key URI Format', () => {
    const example = { type: 'totp', account: 'alice@google.com', issuer: 'Example', ...DEFAULTS };
    expect(parseOtpauthUri(GOOGLE_SHORT, options)).toEqual(example);
    expect(parseOtpauthUri(GOOGLE_FULL, options)).toEqual({
      ...example,
      account: 'john.doe@email.com',
      issuer: 'ACME Co',
      secret: 'HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ',
    });
    for (const [label, issuer, account] of [
      ['Example:alice@gmail.com', 'Example', 'alice@gmail.com'],
      ['Provider1:Alice%20Smith', 'Provider1', 'Alice Smith'],
      ['Big%20Corporation%3A%20alice%40bigco.com', 'Big Corporation', 'alice@bigco.com'],
    ]) {
      const uri = `otpauth://totp/${label}?secret=${SECRET}`;
      expect(parseOtpauthUri(uri, options)).toEqual({ type: 'totp', account, issuer, ...DEFAULTS });
    }
  });

  for (const [why, uri, expected] of [
    ['no issuer at all', `otpauth://totp/alice?secret=${SECRET}`, alice],
    [
      'an issuer as parameter alone',
      `otpauth://totp/alice?secret=${SECRET}&issuer=X`,
      { ...alice, issuer: 'X' },
    ],
    [
      'an issuer as prefix alone',
      `otpauth://totp/X:alice?secret=${SECRET}`,
      { ...alice, issuer: 'X' },
    ],
    [
      'an empty issuer beside a prefix',
      `otpauth://totp/X:alice?secret=${SECRET}&issuer=`,
      { ...alice, issuer: 'X' },
    ],
    ['an empty issuer', `otpauth://totp/alice?secret=${SECRET}&issuer=`, alice],
    ['an empty prefix', `otpauth://totp/:alice?secret=${SECRET}`, alice],
    [
      '+ for a space in a parameter',
      `otpauth://totp/X%20Y:alice?secret=${SECRET}&issuer=X+Y`,
      { ...alice, issuer: 'X Y' },
    ],
    [
      '+ for itself in the label',
      `otpauth://totp/alice+1?secret=${SECRET}`,
      { ...alice, account: 'alice+1' },
    ],
    ['any case of scheme and type', `OTPAuth://TOTP/alice?secret=${SECRET}`, alice],
    [
      'any case of names',
      `otpauth://totp/alice?SECRET=${SECRET}&Digits=8`,
      { ...alice, digits: 8 },
    ],
    [
      'a secret as people write it',
      'otpauth://totp/alice?secret=jbsw%20y3dp-EHPK%203pxp%3D%3D',
      alice,
    ],
    [
      'an algorithm in lower case',
      `otpauth://totp/alice?secret=${SECRET}&algorithm=sha512`,
      { ...alice, algorithm: 'SHA-512' },
    ],
    [
      'an algorithm with a hyphen',
      `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA-256`,
      { ...alice, algorithm: 'SHA-256' },
    ],
    [
      'parameters it does not know, twice too',
      `otpauth://totp/alice?secret=${SECRET}&image=a&image=b&=&x`,
      alice,
    ],
    ['a counter of no use to TOTP', `otpauth://totp/alice?secret=${SECRET}&counter=x`, alice],
    ['a fragment', `otpauth://totp/alice?secret=${SECRET}#secret=X`, alice],
    [
      'a slash in the label',
      `otpauth://totp/a/../b?secret=${SECRET}`,
      { ...alice, account: 'a/../b' },
    ],
    ['an account of dots', `otpauth://totp/..?secret=${SECRET}`, { ...alice, account: '..' }],
    [
      'a period of no use to HOTP',
      `otpauth://hotp/alice?secret=${SECRET}&counter=007&period=x`,
      { type: 'hotp', account: 'alice', secret: SECRET, algorithm: 'SHA-1', digits: 6, counter: 7 },
    ],
  ] as const) {
    it(`takes ${why}`, () => expect(parseOtpauthUri(uri, options)).toEqual(expected));
  }

  for (const [field, uri] of [
    ['uri', ''],
    ['uri', 'https://totp/alice?secret=x'],
    ['uri', 'otpauth:totp/alice?secret=x'],
    ['uri', 'otpauth://totp?secret=x'],
    ['uri', undefined],
    ['uri', null],
    ['uri', new URL(GOOGLE_SHORT)],
    ['type', `otpauth://motp/alice?secret=${SECRET}`],
    ['type', `otpauth:///alice?secret=${SECRET}`],
    ['type', `otpauth://totp:80/alice?secret=${SECRET}`],
    ['account', `otpauth://totp/%FF?secret=${SECRET}`],
    ['account', `otpauth://totp/100%?secret=${SECRET}`],
    ['account', `otpauth://totp/%ED%A0%80?secret=${SECRET}`],
    ['secret', 'otpauth://totp/alice'],
    ['secret', 'otpauth://totp/alice?'],
    ['secret', 'otpauth://totp/alice?secret='],
    ['secret', 'otpauth://totp/alice?secret=LEAK1'],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=MD5`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA224`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA1024`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=5`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=6.0`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=1e1`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=6&DIGITS=8`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=0`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=-30`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=86401`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=30000`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=99999999999999999999`],
    ['issuer', `otpauth://totp/alice?secret=${SECRET}&issuer=X&issuer=Y`],
    ['secret', `otpauth://totp/alice?secret=${SECRET}&secret=${SECRET}A`],
    ['account', `otpauth://totp/${'a'.repeat(1024)}?secret=${SECRET}`],
    ['issuer', `otpauth://totp/alice?secret=${SECRET}&issuer=${'a'.repeat(1024)}`],
    ['account', `otpauth://totp/\ud800?secret=${SECRET}`],
    ['uri', 'otpauth-migration://offline?data=AA'],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=-1`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=18446744073709551616`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=${'1'.repeat(50_000)}`],
  ] as const) {
    it(`refuses ${String(uri).slice(0, 80)} and names ${field}`, () => {
      const error = thrownBy(() => parseOtpauthUri(uri as string, options)) as Error;
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
      expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/JBSWY|LEAK/);
    });
  }
});

/** What apps import although the format says otherwise, as it is found in circulation. */
const NFC = 'Z\u00fcrich';
const NFD = 'Zu\u0308rich';
const IN_CIRCULATION = [
  [
    'a space at the end of the account',
    'account',
    `otpauth://totp/X:alice%20?secret=${SECRET}`,
    { ...alice, issuer: 'X' },
  ],
  [
    'spaces at the ends of the issuer',
    'issuer',
    `otpauth://totp/X%20:alice?secret=${SECRET}&issuer=+X+`,
    { ...alice, issuer: 'X' },
  ],
  [
    'an issuer unlike the prefix: the parameter counts',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=Y`,
    { ...alice, issuer: 'Y' },
  ],
  [
    'an issuer in another case',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=x`,
    { ...alice, issuer: 'x' },
  ],
  [
    'an issuer of spaces beside a prefix',
    'issuer',
    `otpauth://totp/X:alice?secret=${SECRET}&issuer=%20`,
    { ...alice, issuer: 'X' },
  ],
  [
    'two colons: the first one ends the issuer',
    'account',
    `otpauth://totp/X:a:b?secret=${SECRET}`,
    { ...alice, account: 'a:b', issuer: 'X' },
  ],
  [
    'two colons that are escaped',
    'account',
    `otpauth://totp/X%3Aa%3ab?secret=${SECRET}`,
    { ...alice, account: 'a:b', issuer: 'X' },
  ],
  [
    'a colon in the issuer',
    'issuer',
    `otpauth://totp/alice?secret=${SECRET}&issuer=X:Y`,
    { ...alice, issuer: 'X:Y' },
  ],
  ['an empty label', 'account', `otpauth://totp/?secret=${SECRET}`, { ...alice, account: '' }],
  [
    'an empty account behind an issuer',
    'account',
    `otpauth://totp/X:?secret=${SECRET}`,
    { ...alice, account: '', issuer: 'X' },
  ],
  [
    'an account of spaces',
    'account',
    `otpauth://totp/X:%20?secret=${SECRET}`,
    { ...alice, account: '', issuer: 'X' },
  ],
  [
    'a plus on both sides',
    'issuer',
    `otpauth://totp/A+B:alice?secret=${SECRET}&issuer=A+B`,
    { ...alice, issuer: 'A+B' },
  ],
  [
    'a plus on one side, an escaped one on the other',
    'issuer',
    `otpauth://totp/A%2BB:alice?secret=${SECRET}&issuer=A+B`,
    { ...alice, issuer: 'A+B' },
  ],
  [
    'composed characters on one side, decomposed ones on the other',
    'issuer',
    `otpauth://totp/${NFD}:alice?secret=${SECRET}&issuer=${encodeURIComponent(NFC)}`,
    { ...alice, issuer: NFC },
  ],
  [
    'a bad escape in a parameter that is ignored',
    'uri',
    `otpauth://totp/alice?secret=${SECRET}&image=%FF&color=%`,
    alice,
  ],
  [
    'a bad escape in the name of a parameter',
    'uri',
    `otpauth://totp/alice?secret=${SECRET}&%E0=1`,
    alice,
  ],
  [
    'empty parameters',
    'algorithm',
    `otpauth://totp/alice?secret=${SECRET}&algorithm=&digits=&period=&issuer=&counter=`,
    alice,
  ],
  ['HmacSHA1', 'algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=HmacSHA1`, alice],
  [
    'HMAC-SHA512 in any case',
    'algorithm',
    `otpauth://totp/alice?secret=${SECRET}&algorithm=hmac-Sha512`,
    { ...alice, algorithm: 'SHA-512' },
  ],
  [
    'one parameter twice with the same value',
    'issuer',
    `otpauth://totp/X%20Y:alice?secret=${SECRET}&issuer=X+Y&ISSUER=X%20Y`,
    { ...alice, issuer: 'X Y' },
  ],
  ['the secret twice', 'secret', `otpauth://totp/alice?secret=${SECRET}&secret=${SECRET}`, alice],
  [
    'one parameter twice, empty the first time',
    'digits',
    `otpauth://totp/alice?secret=${SECRET}&digits=&digits=8`,
    { ...alice, digits: 8 },
  ],
  [
    'white space, marks without a width and a byte order mark in the secret',
    'secret',
    `otpauth://totp/alice?secret=%EF%BB%BFJBSW%09Y3DP%E2%80%8BEHPK%C2%A03PXP%0D%0A`,
    alice,
  ],
  ['white space around the URI', 'uri', `\ufeff  otpauth://totp/alice?secret=${SECRET}\r\n`, alice],
] as const;

describe('parseOtpauthUri', () => {
  for (const [why, field, uri, expected] of IN_CIRCULATION) {
    it(`imports ${why}; strictly, it refuses ${field}`, () => {
      expect(parseOtpauthUri(uri)).toEqual(expected);
      const error = thrownBy(() => parseOtpauthUri(uri, STRICT)) as Error;
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
      expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/JBSW|3PXP/);
    });
  }

  it('keeps a plus in an account, and takes one in a lone issuer for a space', () => {
    const uri = `otpauth://totp/alice+work@example.com?secret=${SECRET}&issuer=My+Company`;
    for (const options of [{}, STRICT]) {
      expect(parseOtpauthUri(uri, options)).toMatchObject({
        account: 'alice+work@example.com',
        issuer: 'My Company',
      });
    }
  });

  it('names the function for an export in place of a key', () => {
    expect(() => parseOtpauthUri('otpauth-migration://offline?data=AA')).toThrow(
      'uri: an export of several keys; hand it to parseOtpauthMigration',
    );
  });

  it.each([
    ['strict', { strict: 'yes' }],
    ['strict', { strict: null }],
    ['options.strickt', { strickt: true }],
    ['options', null],
    ['options', 0],
  ])('refuses the option %s of %j', (field, options) => {
    const error = thrownBy(() => parseOtpauthUri(GOOGLE_SHORT, options as never));
    expect(error).toMatchObject({ code: 'ERR_OPTION', field });
  });

  it('throws only ERR_OPTION, for any text, and takes nothing strictly that it refuses otherwise', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('totp', 'secret=AA', '&', '%', ':', '+', 'issuer=', '\ufeff', '?'),
    );
    const texts = fc
      .array(part, { maxLength: 8 })
      .map((parts) => `otpauth://totp/${parts.join('')}`);
    const read = (text: string, options: object) => {
      try {
        return parseOtpauthUri(text, options);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OPTION' });
        return undefined;
      }
    };
    fc.assert(
      fc.property(texts, (text) => {
        const key = read(text, {});
        const strictly = read(text, STRICT);
        if (strictly === undefined) return;
        expect(strictly).toEqual(key);
        expect(parseOtpauthUri(otpauthUri(strictly))).toEqual(strictly);
      }),
      { numRuns: 1000 },
    );
  });
});
