/**
 * Secrets, URIs and instants beyond what anybody needs: one clear error at once, and no trace of a
 * secret.
 */
import { describe, expect, it } from 'vitest';
import {
  createHmac,
  createTotp,
  createVerifier,
  hmac,
  hotp,
  otpauthUri,
  parseOtpauthUri,
  timeStep,
  totp,
  verifyTotp,
} from '../../../src/index.js';
import { decodeBase32, encodeBase32 } from '../../../src/otp/base32.js';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const MILLIONS = 'A'.repeat(8_000_000);
const tokenSecret = 'a secret of enough characters';

describe('a secret of megabytes is refused by its length', () => {
  const uri = `otpauth://totp/alice?secret=${MILLIONS}`;
  for (const [field, act] of [
    ['secret', () => createTotp({ secret: MILLIONS })],
    ['secret', () => totp({ secret: MILLIONS, timeMs: 0 })],
    ['secret', () => verifyTotp({ secret: MILLIONS, code: '00000000', timeMs: 0 })],
    ['secret', () => hotp({ secret: MILLIONS, counter: 0 })],
    ['secret', () => createTotp({ secret: new Uint8Array(8_000_000) })],
    ['secret', () => otpauthUri({ account: 'alice', secret: MILLIONS })],
    ['account', () => otpauthUri({ account: MILLIONS, secret: SECRET })],
    ['issuer', () => otpauthUri({ account: 'alice', issuer: MILLIONS, secret: SECRET })],
    ['uri', () => parseOtpauthUri(uri)],
    ['uri', () => parseOtpauthUri(`otpauth://totp/${'%20'.repeat(1_000_000)}?secret=${SECRET}`)],
  ] as const) {
    it(`in ${field}: ${String(act).slice(6, 60)}`, () => {
      expect(act).toThrow(expect.objectContaining({ code: 'ERR_OPTION', field }));
    });
  }

  for (const keys of [
    { otpSeed: MILLIONS, tokenSecret },
    { otpSeed: SECRET, tokenSecret: MILLIONS },
  ]) {
    it(`in a host’s ${keys.otpSeed === MILLIONS ? 'otpSeed' : 'tokenSecret'}`, async () => {
      const made = createVerifier({ hosts: { 'example.com': keys }, replay: { capacity: 1 } });
      await expect(made).rejects.toMatchObject({ code: 'ERR_OPTION' });
    });
  }

  it('but the longest allowed secret leaves a URI as it went in', () => {
    const secret = encodeBase32(new Uint8Array(4096).fill(0xa5));
    const name = 'ü'.repeat(1023);
    const uri = otpauthUri({ account: name, issuer: name, secret });
    expect(parseOtpauthUri(uri)).toMatchObject({ account: name, issuer: name, secret });
  });
});

describe('RegExp statics hold no secret', () => {
  const left = () =>
    Object.values(Object.getOwnPropertyDescriptors(RegExp)).map(({ get }) =>
      String(get?.call(RegExp)),
    );
  for (const query of [
    `secret=${SECRET}1`,
    `secret=${SECRET}&secret=${SECRET}`,
    `secret=${SECRET}&digits=5`,
    `secret=${SECRET}&algorithm=MD5`,
    `secret=${SECRET}&issuer=other`,
    `secret=${SECRET}`,
  ]) {
    it(`after otpauth://…?${query.replaceAll(SECRET, 'S')}`, () => {
      /before/.test('before');
      try {
        parseOtpauthUri(`otpauth://totp/ACME:alice?${query}`);
      } catch {}
      expect(left().filter((text) => text.includes(SECRET.slice(0, 12)))).toEqual([]);
    });
  }
});

describe('an object whose properties change', () => {
  /** Each property says another thing the second time. */
  const once = <T extends object>(values: T): T =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
          let reads = 0;
          return [name, { enumerable: true, get: () => (reads++ === 0 ? value : 'changed: 1') }];
        }),
      ),
    ) as T;

  it('is read once by otpauthUri, createTotp, totp, verifyTotp and hotp', () => {
    const secret = SECRET;
    expect(
      otpauthUri(once({ type: 'hotp', account: 'a', issuer: 'b', secret, counter: 1 })),
    ).toContain('counter=1');
    expect(
      otpauthUri(once({ type: 'totp', account: 'a', issuer: 'b', secret, period: 60 })),
    ).toContain('period=60');
    expect(hotp({ secret, counter: 0, digits: 6 })).toBe('755224');
    expect(
      createTotp(once({ secret, digits: 8, window: once({ past: 1, future: 0 }) })).generate(
        59_000,
      ),
    ).toBe('94287082');
    expect(totp(once({ secret, timeMs: 59_000 }))).toBe('94287082');
    expect(verifyTotp(once({ secret, code: '94287082', timeMs: 59_000 })).ok).toBe(true);
  });

  it('as a guard whose `use` changes is asked by the function that was checked', () => {
    let reads = 0;
    const guard = {
      get use() {
        reads++;
        return () => reads === 1;
      },
    };
    const verdict = verifyTotp({ secret: SECRET, code: '94287082', timeMs: 59_000, guard });
    expect([verdict.ok, reads]).toEqual([true, 1]);
  });
});

describe('bytes with properties of their own', () => {
  const lying = Object.defineProperties(Buffer.from('key'), {
    length: { value: 1 },
    subarray: { value: () => Buffer.from('other') },
  });

  it('count as the bytes that they hold', () => {
    expect(hmac('SHA-256', lying, lying)).toEqual(hmac('SHA-256', 'key', 'key'));
    expect(createHmac('SHA-1', 'key').digest(lying)).toEqual(
      createHmac('SHA-1', 'key').digest('key'),
    );
    expect(createTotp({ secret: lying }).generate(0)).toBe(
      createTotp({ secret: Buffer.from('key') }).generate(0),
    );
  });

  it('stay unchanged when a key was made of them', () => {
    const key = Buffer.alloc(200_000, 7);
    hmac('SHA-256', key, 'message');
    expect(key.every((byte) => byte === 7)).toBe(true);
  });
});

describe('timeStep at the edge of exact numbers', () => {
  const MAX = Number.MAX_SAFE_INTEGER;
  for (const [seconds, period, t0] of [
    [MAX, 3, -2],
    [MAX, 3, -4],
    [MAX, 7, -MAX],
    [MAX, 5, -MAX + 1],
    [MAX, 2, -1],
    [2 ** 54, 4, MAX],
    [MAX, 30, -12_345],
    [-1, 3, -MAX],
  ] as const) {
    it(`gives the step of ${seconds} s, period ${period}, t0 ${t0}`, () => {
      const exact = (BigInt(seconds) - BigInt(t0)) / BigInt(period);
      expect(BigInt(timeStep(seconds, { period, t0 }))).toBe(exact);
    });
  }

  for (const [seconds, period, t0] of [
    [MAX, 1, -1],
    [Number.POSITIVE_INFINITY, 30, 0],
    [Number.NaN, 30, 0],
    [-MAX, 30, MAX],
    [Number.MAX_VALUE, 30, 0],
  ] as const) {
    it(`refuses ${seconds} s, period ${period}, t0 ${t0}`, () => {
      expect(() => timeStep(seconds, { period, t0 })).toThrow(RangeError);
    });
  }
});

it('base32 is decoded in one pass, for every length, any case and separators anywhere', () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
    const text = encodeBase32(bytes);
    expect(decodeBase32(text)).toEqual(bytes);
    expect(decodeBase32(` ${text.toLowerCase().split('').join('-')}==`)).toEqual(bytes);
  }
  for (const text of ['ı', 'ſ', 'A\u0080', '0', '1', '8', 'A\u2010', '\u{1F600}'])
    expect(decodeBase32(text)).toBeNull();
});
