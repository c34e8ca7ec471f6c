import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import type { Algorithm } from '../../../src/mac/hmac.js';
import { encodeBase32 } from '../../../src/otp/base32.js';
import {
  type OtpauthKey,
  type OtpauthOptions,
  otpauthUri,
  parseOtpauthUri,
} from '../../../src/otp/otpauth.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import { ALGORITHMS, thrownBy } from './reference.js';

const SECRET = 'JBSWY3DPEHPK3PXP';
const DEFAULTS = { secret: SECRET, algorithm: 'SHA-1', digits: 6, period: 30 };

/**
 * Examples of the Key URI Format,
 * https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
const GOOGLE_FULL =
  'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30';
const GOOGLE_SHORT = `otpauth://totp/Example:alice@google.com?secret=${SECRET}&issuer=Example`;

/** JSON has no bigint: a counter past 2^53 stands there as text. */
function keyOf(vector: object): OtpauthKey {
  const key = { ...vector } as OtpauthKey & { counter?: string | number };
  if (key.counter === undefined) return key;
  const counter = BigInt(key.counter);
  return { ...key, counter: counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter };
}

describe('otpauthUri', () => {
  it('writes the full example of the Key URI Format', () => {
    const options: OtpauthOptions = {
      account: 'john.doe@email.com',
      issuer: 'ACME Co',
      secret: 'HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ',
      digits: 6,
    };
    expect(otpauthUri(options)).toBe(GOOGLE_FULL);
  });

  for (const { uri, key } of pyotp.reads) {
    it(`writes a URI that pyotp reads as intended: ${decodeURIComponent(uri.split('?')[0]!)}`, () => {
      expect(otpauthUri(keyOf(key))).toBe(uri);
    });
  }

  it('writes the defaults of this package in full', () => {
    const uri = `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA1&digits=8&period=30`;
    expect(otpauthUri({ account: 'alice', secret: SECRET })).toBe(uri);
  });

  it('writes the secret without padding and in upper case, from text or bytes', () => {
    const uri = otpauthUri({ account: 'a', secret: SECRET });
    expect(otpauthUri({ account: 'a', secret: 'jbsw y3dp-ehpk 3pxp====' })).toBe(uri);
    const bytes = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x21, 0xde, 0xad, 0xbe, 0xef);
    expect(otpauthUri({ account: 'a', secret: bytes })).toBe(uri);
  });

  it('escapes every character with a meaning in the format or a URI, and turns no space into +', () => {
    const name = 'a b+c&d=e#f?g/h%i;j"k<l>';
    const uri = otpauthUri({ account: name, issuer: name, secret: SECRET });
    expect(uri).toMatch(/^otpauth:\/\/totp\/[^/?#+ ]+:[^:/?#+ ]+\?[^?#+ ]+$/);
    expect(new URLSearchParams(uri.split('?')[1]).get('issuer')).toBe(name);
    expect(parseOtpauthUri(uri)).toMatchObject({ account: name, issuer: name });
  });

  for (const [field, bad] of [
    ['type', { type: 'TOTP' }],
    ['type', { type: 'motp' }],
    ['type', { type: null }],
    ['account', { account: undefined }],
    ['account', { account: '' }],
    ['account', { account: 'a:b' }],
    ['account', { account: ' a' }],
    ['account', { account: 'a ' }],
    ['account', { account: '\ud800' }],
    ['account', { account: 7 }],
    ['issuer', { issuer: '' }],
    ['issuer', { issuer: 'a:b' }],
    ['issuer', { issuer: null }],
    ['issuer', { issuer: 'a\udfff' }],
    ['secret', { secret: undefined }],
    ['secret', { secret: '' }],
    ['secret', { secret: 'not base32!' }],
    ['digits', { digits: 5 }],
    ['algorithm', { algorithm: 'SHA1' }],
    ['period', { period: 0 }],
    ['counter', { counter: 0 }],
    ['counter', { type: 'hotp' }],
    ['counter', { type: 'hotp', counter: -1 }],
    ['counter', { type: 'hotp', counter: 2n ** 64n }],
    ['period', { type: 'hotp', counter: 0, period: 30 }],
    ['options.label', { label: 'a' }],
    ['options.t0', { t0: 0 }],
  ] as const) {
    const shown = JSON.stringify(bad, (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    it(`refuses ${shown} and names ${field}`, () => {
      const error = thrownBy(() =>
        otpauthUri({ account: 'a', secret: SECRET, ...bad } as OtpauthOptions),
      );
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
    });
  }
});

describe('parseOtpauthUri', () => {
  for (const { uri, key } of [...pyotp.uris, ...pyotp.reads]) {
    it(`reads ${uri.replace(/secret=\w+/, 'secret=…')}`, () => {
      expect(parseOtpauthUri(uri)).toEqual(keyOf(key));
    });
  }

  it('reads the examples of the Key URI Format', () => {
    const example = { type: 'totp', account: 'alice@google.com', issuer: 'Example', ...DEFAULTS };
    expect(parseOtpauthUri(GOOGLE_SHORT)).toEqual(example);
    expect(parseOtpauthUri(GOOGLE_FULL)).toEqual({
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
      expect(parseOtpauthUri(uri)).toEqual({ type: 'totp', account, issuer, ...DEFAULTS });
    }
  });

  const alice = { type: 'totp', account: 'alice', ...DEFAULTS };
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
    it(`takes ${why}`, () => expect(parseOtpauthUri(uri)).toEqual(expected));
  }

  for (const [field, uri] of [
    ['uri', ''],
    ['uri', 'https://totp/alice?secret=x'],
    ['uri', 'otpauth:totp/alice?secret=x'],
    ['uri', 'otpauth://totp?secret=x'],
    ['uri', ' otpauth://totp/alice?secret=x'],
    ['uri', `otpauth://totp/alice?secret=${SECRET}&image=%FF`],
    ['uri', `otpauth://totp/alice?secret=${SECRET}%`],
    ['uri', undefined],
    ['uri', null],
    ['uri', new URL(GOOGLE_SHORT)],
    ['type', `otpauth://motp/alice?secret=${SECRET}`],
    ['type', `otpauth:///alice?secret=${SECRET}`],
    ['type', `otpauth://totp:80/alice?secret=${SECRET}`],
    ['account', `otpauth://totp/?secret=${SECRET}`],
    ['account', `otpauth://totp/X:?secret=${SECRET}`],
    ['account', `otpauth://totp/X:%20?secret=${SECRET}`],
    ['account', `otpauth://totp/X:a:b?secret=${SECRET}`],
    ['account', `otpauth://totp/X%3Aa%3ab?secret=${SECRET}`],
    ['account', `otpauth://totp/%FF?secret=${SECRET}`],
    ['account', `otpauth://totp/100%?secret=${SECRET}`],
    ['account', `otpauth://totp/%ED%A0%80?secret=${SECRET}`],
    ['issuer', `otpauth://totp/X:alice?secret=${SECRET}&issuer=Y`],
    ['issuer', `otpauth://totp/X:alice?secret=${SECRET}&issuer=x`],
    ['issuer', `otpauth://totp/alice?secret=${SECRET}&issuer=X:Y`],
    ['issuer', `otpauth://totp/alice?secret=${SECRET}&issuer=X&ISSUER=X`],
    ['secret', 'otpauth://totp/alice'],
    ['secret', 'otpauth://totp/alice?'],
    ['secret', 'otpauth://totp/alice?secret='],
    ['secret', 'otpauth://totp/alice?secret=LEAK1'],
    ['secret', `otpauth://totp/alice?secret=${SECRET}&secret=${SECRET}`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=MD5`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA224`],
    ['algorithm', `otpauth://totp/alice?secret=${SECRET}&algorithm=SHA1024`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=5`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=6.0`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=1e1`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=`],
    ['digits', `otpauth://totp/alice?secret=${SECRET}&digits=6&DIGITS=8`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=0`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=-30`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=86401`],
    ['period', `otpauth://totp/alice?secret=${SECRET}&period=99999999999999999999`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=-1`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=18446744073709551616`],
    ['counter', `otpauth://hotp/alice?secret=${SECRET}&counter=${'1'.repeat(50_000)}`],
  ] as const) {
    it(`refuses ${String(uri).slice(0, 80)} and names ${field}`, () => {
      const error = thrownBy(() => parseOtpauthUri(uri as string)) as Error;
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
      expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/JBSWY|LEAK/);
    });
  }

  it('reads the URIs of otpauthUri', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((text) => !/^ |:| $/.test(text));
    const common = {
      account: name,
      issuer: fc.option(name, { nil: undefined }),
      secret: fc.uint8Array({ minLength: 1, maxLength: 70 }),
      algorithm: fc.constantFrom<Algorithm>(...ALGORITHMS),
      digits: fc.integer({ min: 6, max: 10 }),
    };
    const keys = fc.oneof(
      fc.record({
        ...common,
        type: fc.constant('totp' as const),
        period: fc.integer({ min: 1, max: 86_400 }),
      }),
      fc.record({
        ...common,
        type: fc.constant('hotp' as const),
        counter: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      }),
    );
    fc.assert(
      fc.property(keys, ({ issuer, ...key }) => {
        const uri = otpauthUri({ ...key, issuer });
        const read = parseOtpauthUri(uri);
        const counter = 'counter' in key ? { counter: read.counter } : {};
        if ('counter' in key) expect(BigInt(read.counter!)).toBe(key.counter);
        const secret = encodeBase32(key.secret);
        expect(read).toEqual({
          ...key,
          ...(issuer !== undefined && { issuer }),
          secret,
          ...counter,
        });
        expect(otpauthUri(read)).toBe(uri);
      }),
      { numRuns: 500 },
    );
  });

  it('throws only ERR_OPTION, for any text', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('totp', 'secret=AA', '&', '%', ':'),
    );
    const texts = fc
      .array(part, { maxLength: 8 })
      .map((parts) => `otpauth://totp/${parts.join('')}`);
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const key = parseOtpauthUri(text);
          expect(parseOtpauthUri(otpauthUri(key))).toEqual(key);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_OPTION' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
