import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import { otpauthUri } from '../../../src/otp/otpauth.js';
import { parseOtpauthUri } from '../../../src/otp/parse-otpauth.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import { alice, DEFAULTS, IN_CIRCULATION, SECRET } from './in-circulation.js';
import { keyOf, thrownBy } from './reference.js';

const STRICT = { strict: true };

/**
 * Examples of the Key URI Format,
 * https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
const GOOGLE_FULL =
  'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30';
const GOOGLE_SHORT = `otpauth://totp/Example:alice@google.com?secret=${SECRET}&issuer=Example`;

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
      'uri: an export of several keys; hand it to parseOtpauthMigration of totp-token/otpauth-migration',
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
