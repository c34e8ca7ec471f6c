import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import type { Algorithm } from '../../../src/mac/hmac.js';
import { encodeBase32 } from '../../../src/otp/base32.js';
import { type OtpauthOptions, otpauthUri } from '../../../src/otp/otpauth.js';
import { parseOtpauthUri } from '../../../src/otp/parse-otpauth.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import { ALGORITHMS, keyOf, thrownBy } from './reference.js';

const SECRET = 'JBSWY3DPEHPK3PXP';

/**
 * Full example of the Key URI Format,
 * https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
const GOOGLE_FULL =
  'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30';

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
    ['algorithm', { algorithm: 'MD5' }],
    ['period', { period: 30_000 }],
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

  it('is read back as it was written, strictly or not', () => {
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
        period: fc.integer({ min: 1, max: 86_400 }).filter((period) => period % 1000 !== 0),
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
        expect(parseOtpauthUri(uri, { strict: true })).toEqual(read);
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
});
