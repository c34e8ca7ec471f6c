/** Key URIs of other libraries: `otpauth` 9 and `otplib` 13 write them, and `otpauth` reads them. */
import fc from 'fast-check';
import { HOTP, Secret, TOTP, URI } from 'otpauth';
import { generateURI } from 'otplib';
import { describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../../src/otp/base32.js';
import { parseOtpauthUri } from '../../../src/otp/parse-otpauth.js';
import { IN_CIRCULATION } from './in-circulation.js';

/** What `otpauth` makes of a URI, by our names; undefined if it refuses it. */
function readByOtpauth(uri: string): object | undefined {
  try {
    const key = URI.parse(uri);
    return {
      account: key.label,
      ...(key.issuer !== '' && { issuer: key.issuer }),
      secret: key.secret.base32,
      algorithm: key.algorithm.replace('SHA', 'SHA-'),
      digits: key.digits,
    };
  } catch {
    return undefined;
  }
}

describe('a URI in circulation', () => {
  /** `otpauth` keeps spaces at the ends, and takes all of a label for the account if that is empty. */
  const OTHERWISE = [
    'a space at the end of the account',
    'spaces at the ends of the issuer',
    'an issuer of spaces beside a prefix',
    'an empty account behind an issuer',
    'an account of spaces',
  ];
  const REFUSED = [
    'an empty label',
    'a bad escape in a parameter that is ignored',
    'a bad escape in the name of a parameter',
    'empty parameters',
    'HmacSHA1',
    'HMAC-SHA512 in any case',
    'white space, marks without a width and a byte order mark in the secret',
    'white space around the URI',
  ];

  it('is imported where otpauth imports it, with the same names but for spaces', () => {
    const read = IN_CIRCULATION.map(([why, , uri]) => ({ why, uri, peer: readByOtpauth(uri) }));
    expect(read.filter(({ peer }) => peer === undefined).map(({ why }) => why)).toEqual(REFUSED);
    const others = read.filter(({ uri, peer }) => {
      const { type: _type, period: _period, ...ours } = parseOtpauthUri(uri);
      return peer !== undefined && JSON.stringify(sorted(ours)) !== JSON.stringify(sorted(peer));
    });
    expect(others.map(({ why }) => why)).toEqual(OTHERWISE);
  });

  const sorted = (key: object) => Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
});

describe('a URI is read as it was meant', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => text.trim() === text && text.isWellFormed());
  const key = fc.record({
    issuer: name.filter((text) => !text.includes(':')),
    account: name,
    bytes: fc.uint8Array({ minLength: 16, maxLength: 40 }),
    algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
    digits: fc.constantFrom(6, 7, 8),
    counter: fc.option(fc.nat()),
  });

  it('if otpauth wrote it', () => {
    fc.assert(
      fc.property(key, fc.boolean(), ({ account, bytes, counter, ...rest }, issuerInLabel) => {
        // Without the issuer in the label, a colon would end one.
        fc.pre(issuerInLabel || !account.includes(':'));
        const options = { ...rest, label: account, issuerInLabel };
        const secret = new Secret({ buffer: bytes.slice().buffer });
        const uri =
          counter === null
            ? new TOTP({ ...options, secret, period: 45 }).toString()
            : new HOTP({ ...options, secret, counter }).toString();
        expect(parseOtpauthUri(uri)).toEqual({
          type: counter === null ? 'totp' : 'hotp',
          account,
          issuer: rest.issuer,
          secret: encodeBase32(bytes),
          algorithm: rest.algorithm.replace('SHA', 'SHA-'),
          digits: rest.digits,
          ...(counter === null ? { period: 45 } : { counter }),
        });
      }),
    );
  });

  it('if otplib wrote it', () => {
    fc.assert(
      fc.property(key, ({ account, bytes, counter, ...rest }) => {
        const uri = generateURI({
          issuer: rest.issuer,
          digits: rest.digits as 6,
          algorithm: rest.algorithm.toLowerCase() as 'sha1',
          label: account,
          secret: encodeBase32(bytes),
          ...(counter === null ? { period: 45 } : { strategy: 'hotp' as const, counter }),
        });
        expect(parseOtpauthUri(uri)).toEqual({
          type: counter === null ? 'totp' : 'hotp',
          account,
          issuer: rest.issuer,
          secret: encodeBase32(bytes),
          algorithm: rest.algorithm.replace('SHA', 'SHA-'),
          digits: rest.digits,
          ...(counter === null ? { period: 45 } : { counter }),
        });
      }),
    );
  });
});
