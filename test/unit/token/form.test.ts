/** Tokens in other forms than the default one: digits, period, hash, length of the nonce. */
import { describe, expect, it } from 'vitest';
import { createIssuer, type HostKeys } from '../../../src/index.js';
import { harness } from './harness.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf, withChar } from './reference.js';

const HASHES = [
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-512', 'sha512'],
] as const;

describe('digits and hash of the OTP', () => {
  for (const digits of [6, 7, 8, 9, 10]) {
    for (const [algorithm, nodeName] of HASHES) {
      it(`match the reference for ${digits} digits of ${algorithm}`, async () => {
        const { verifier } = await harness({ digits, algorithm });
        const form = { digits, algorithm: nodeName };
        for (const drift of [-1, 0, 1]) {
          const token = tokenOf({ ...form, step: STEP + drift, nonce: drift + 1 });
          // Every digit of the OTP counts.
          for (let at = 0; at < digits; at++) {
            const other = String((Number(token[at]) + 1) % 10);
            expect(verifier.verify(JID, withChar(token, at, other)).code, `digit ${at}`).toBe(
              'wrong-otp',
            );
          }
          expect(verifier.verify(JID, token)).toMatchObject({ code: 'accepted', drift });
        }
        for (const drift of [-2, 2]) {
          expect(verifier.verify(JID, tokenOf({ ...form, step: STEP + drift })).code).toBe(
            'wrong-otp',
          );
        }
        const issuer = await createIssuer({
          hosts: { 'example.com': KEYS },
          digits,
          algorithm,
          clock: () => STEP * PERIOD_MS,
        });
        expect(verifier.verify(JID, issuer.issue(JID)).code).toBe('accepted');
      });
    }

    it(`make a token malformed with one digit more or fewer than ${digits}`, async () => {
      const { verifier } = await harness({ digits });
      for (const other of [digits - 1, digits + 1]) {
        expect(verifier.verify(JID, tokenOf({ digits: other })).code).toBe('malformed');
      }
    });
  }

  it('keep a leading zero as part of the OTP', async () => {
    // The seed of RFC 6238 Appendix B has the OTP 07081804 at 1,111,111,109 s.
    const { verifier, clock } = await harness();
    clock.timeMs = 1_111_111_109_000;
    const token = tokenOf({ step: 37_037_036 });
    expect(token.slice(0, 8)).toBe('07081804');
    expect(verifier.verify(JID, token).code).toBe('accepted');
  });

  it('give wrong-otp for the hash of another verifier', async () => {
    const { verifier } = await harness({ algorithm: 'SHA-256' });
    expect(verifier.verify(JID, tokenOf()).code).toBe('wrong-otp');
    expect(verifier.verify(JID, tokenOf({ algorithm: 'sha512' })).code).toBe('wrong-otp');
  });

  for (const length of [16, 102, 104, 128, 205, 208, 1000]) {
    it(`work with a seed of ${length} base32 characters, around the block of each hash`, async () => {
      const otpSeed = Array.from(
        { length },
        (_, i) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(i * 11) % 32],
      ).join('');
      const keys: HostKeys = { otpSeed, tokenSecret: KEYS.tokenSecret };
      for (const [algorithm, nodeName] of HASHES) {
        const { verifier } = await harness({ hosts: { 'example.com': keys }, algorithm });
        expect(verifier.verify(JID, tokenOf({ keys, algorithm: nodeName })).code).toBe('accepted');
      }
    });
  }

  for (const length of [1, 63, 64, 65, 127, 128, 129, 1000, 4096]) {
    it(`work with a secret of ${length} bytes`, async () => {
      const tokenSecret = length === 1 ? '!' : `é${'secret! '.repeat(512).slice(0, length - 2)}`;
      expect(Buffer.byteLength(tokenSecret)).toBe(length);
      const keys: HostKeys = { ...KEYS, tokenSecret };
      const { verifier } = await harness({ hosts: { 'example.com': keys } });
      expect(verifier.verify(JID, tokenOf({ keys })).code).toBe('accepted');
    });
  }
});

describe('the period', () => {
  for (const period of [1, 15, 60, 86_400]) {
    it(`can be ${period} s`, async () => {
      const { verifier, clock } = await harness({ period });
      const step = 1000;
      const begin = step * period * 1000;
      for (const [timeMs, code] of [
        [begin - period * 1000 - 1, 'wrong-otp'],
        [begin - period * 1000, 'accepted'],
        [begin, 'accepted'],
        [begin + 2 * period * 1000 - 1, 'accepted'],
        [begin + 2 * period * 1000, 'wrong-otp'],
      ] as const) {
        clock.timeMs = timeMs;
        expect(verifier.verify(JID, tokenOf({ step, nonce: timeMs })).code, `${timeMs}`).toBe(code);
      }
    });
  }
});

describe('the option nonceDigits', () => {
  const nonce = (digits: number) => '7'.repeat(digits);

  for (const exact of [1, 8, 31, 32, 33, 255]) {
    it(`accepts exactly ${exact} digits`, async () => {
      const { verifier } = await harness({ nonceDigits: exact });
      for (let digits = 0; digits <= 300; digits++) {
        const { code } = verifier.verify(JID, tokenOf({ nonce: nonce(digits) }));
        expect(code, `${digits} digits`).toBe(digits === exact ? 'accepted' : 'malformed');
      }
    });
  }

  for (const [min, max] of [
    [0, 255],
    [0, 0],
    [8, 32],
    [31, 33],
    [32, 255],
  ] as const) {
    it(`accepts from ${min} to ${max} digits and no others, alone and in a batch`, async () => {
      const { verifier } = await harness({ nonceDigits: { min, max } });
      const tokens = Array.from({ length: 300 }, (_, digits) => tokenOf({ nonce: nonce(digits) }));
      const inside = (digits: number) => digits >= min && digits <= max;
      const codes = tokens.map((token) => verifier.verify(JID, token).code);
      expect(codes).toEqual(tokens.map((_, digits) => (inside(digits) ? 'accepted' : 'malformed')));
      const again = verifier.verifyBatch(
        tokens.map(() => JID),
        tokens,
      );
      expect([...again].map(({ code }) => code)).toEqual(
        tokens.map((_, digits) => (inside(digits) ? 'replayed' : 'malformed')),
      );
    });
  }

  it('accepts, with a minimum alone, up to 32 digits or up to that number', async () => {
    for (const [min, max] of [
      [8, 32],
      [40, 40],
    ] as const) {
      const { verifier } = await harness({ nonceDigits: { min } as { min: number; max: number } });
      for (const digits of [0, 7, 8, 31, 32, 33, 39, 40, 41]) {
        const { code } = verifier.verify(JID, tokenOf({ nonce: nonce(digits) }));
        const expected = digits >= min && digits <= max ? 'accepted' : 'malformed';
        expect(code, `${digits} digits, from ${min}`).toBe(expected);
      }
    }
  });

  it('makes a letter at any place of a short or a long nonce malformed', async () => {
    const { verifier } = await harness({ nonceDigits: { min: 0, max: 255 } });
    for (const digits of [1, 2, 7, 8, 9, 15, 16, 17, 40, 100]) {
      for (let at = 8; at < 8 + digits; at++) {
        const nonceWithLetter = withChar(nonce(digits), at - 8, 'x');
        const { code } = verifier.verify(JID, tokenOf({ nonce: nonceWithLetter }));
        expect(code, `${digits} digits, at ${at}`).toBe('malformed');
      }
    }
  });

  it('gives the issuer its number of digits', async () => {
    for (const nonceDigits of [1, 32, 255]) {
      const options = {
        hosts: { 'example.com': KEYS },
        nonceDigits,
        clock: () => STEP * PERIOD_MS,
      };
      const issuer = await createIssuer(options);
      const { verifier } = await harness({ nonceDigits });
      const token = issuer.issue(JID);
      expect(token).toHaveLength(8 + nonceDigits + 1 + 44);
      expect(verifier.verify(JID, token).code).toBe('accepted');
    }
  });
});
