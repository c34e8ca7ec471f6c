import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Algorithm, Hmac } from '../../../src/mac/hmac.js';
import { hotp } from '../../../src/otp/hotp.js';
import { totp, verifyTotp } from '../../../src/otp/totp.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import rfc6238 from '../../vectors/rfc6238.json' with { type: 'json' };
import { ALGORITHMS, RFC_SECRET, referenceHotp } from './reference.js';
import oathtool from './vectors/oathtool.json' with { type: 'json' };

describe('totp and verifyTotp', () => {
  for (const { unixSeconds, step, codes } of rfc6238.cases) {
    for (const algorithm of ALGORITHMS) {
      it(`give the codes of RFC 6238 Appendix B: ${unixSeconds} s with ${algorithm} is ${codes[algorithm]}`, () => {
        const secret = Buffer.from(rfc6238.seedsHex[algorithm], 'hex');
        const { digits, period, t0 } = rfc6238;
        const options = { secret, algorithm, digits, period, t0, timeMs: unixSeconds * 1000 };
        expect(totp(options)).toBe(codes[algorithm]);
        expect(verifyTotp({ ...options, code: codes[algorithm] })).toEqual({
          ok: true,
          code: 'accepted',
          step: Number.parseInt(step, 16),
          drift: 0,
        });
      });
    }
  }

  for (const { secret, algorithm, digits, period, unixSeconds, code } of pyotp.totp) {
    it(`give the codes of pyotp: ${unixSeconds} s, ${algorithm}, ${digits} digits, ${period} s a step, ${secret.length} characters of secret is ${code}`, () => {
      const options = {
        secret,
        algorithm: algorithm as Algorithm,
        digits,
        period,
        timeMs: unixSeconds * 1000,
      };
      expect(totp(options)).toBe(code);
      expect(verifyTotp({ ...options, code })).toMatchObject({ ok: true, drift: 0 });
    });
  }

  for (const { secretHex, algorithm, digits, period, t0, unixSeconds, code } of oathtool.cases) {
    it(`give the codes of oathtool: ${unixSeconds} s, ${algorithm}, ${digits} digits, ${period} s a step, T0 ${t0} is ${code}`, () => {
      const secret = Buffer.from(secretHex, 'hex');
      const timeMs = unixSeconds * 1000;
      const options = { secret, algorithm: algorithm as Algorithm, digits, period, t0, timeMs };
      expect(totp(options)).toBe(code);
      expect(verifyTotp({ ...options, code })).toMatchObject({ ok: true, drift: 0 });
    });
  }

  it('use the present time by default', () => {
    // A step of a day: the test may run past the end of one, but not past the end of two.
    const options = { secret: RFC_SECRET, period: 86_400 };
    const day = () => BigInt(Math.floor(Date.now() / 86_400_000));
    const key = Buffer.from('12345678901234567890');
    const before = referenceHotp(key, day(), 8, 'SHA-1');
    const code = totp(options);
    expect([before, referenceHotp(key, day(), 8, 'SHA-1')]).toContain(code);
    expect(verifyTotp({ ...options, code })).toMatchObject({ ok: true });
  });

  it('agree with node:crypto on every code around the window', () => {
    const cases = fc.record({
      secret: fc.uint8Array({ minLength: 1, maxLength: 150 }),
      algorithm: fc.constantFrom(...ALGORITHMS),
      digits: fc.integer({ min: 6, max: 10 }),
      period: fc.integer({ min: 1, max: 86_400 }).filter((period) => period % 1000 !== 0),
      t0: fc.integer({ min: -1e9, max: 1e9 }),
      // The last instants that a Date can hold: past 2^53 ms there are no single milliseconds.
      step: fc.integer({ min: 0, max: 1e8 }),
      msIntoStep: fc.nat(),
      past: fc.integer({ min: 0, max: 10 }),
      future: fc.integer({ min: 0, max: 10 }),
      offset: fc.integer({ min: -12, max: 12 }),
      lastUsed: fc.option(fc.integer({ min: -12, max: 12 })),
    });
    fc.assert(
      fc.property(cases, (c) => {
        const { secret, algorithm, digits, period, t0, step, past, future, offset } = c;
        fc.pre(step + offset >= 0 && t0 + step * period >= 0);
        const reference = (at: number) => referenceHotp(secret, BigInt(at), digits, algorithm);
        const timeMs = (t0 + step * period) * 1000 + (c.msIntoStep % (period * 1000));
        // Refused: seconds by mistake.
        fc.pre(!(timeMs >= 1e9 && timeMs < 1e10));
        const options = { secret, algorithm, digits, period, t0, timeMs };
        expect(totp(options)).toBe(reference(step));

        const code = reference(step + offset);
        // Another step may share the code by chance: the latest in the window counts.
        const matches: number[] = [];
        for (let at = Math.max(0, step - past); at <= step + future; at++) {
          if (reference(at) === code) matches.push(at);
        }
        const match = matches.at(-1);
        const lastUsedStep = c.lastUsed === null ? undefined : Math.max(0, step + c.lastUsed);
        const verdict = verifyTotp({ ...options, code, window: { past, future }, lastUsedStep });
        if (match === undefined) expect(verdict).toEqual({ ok: false, code: 'wrong-otp' });
        else if (lastUsedStep !== undefined && match <= lastUsedStep) {
          expect(verdict).toEqual({ ok: false, code: 'replayed' });
        } else
          expect(verdict).toEqual({ ok: true, code: 'accepted', step: match, drift: match - step });
      }),
      { numRuns: 500 },
    );
  });
});

describe('a call without a kept key', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  for (const [name, call] of [
    ['hotp', () => hotp({ secret: RFC_SECRET, counter: 0 })],
    ['totp', () => totp({ secret: RFC_SECRET, timeMs: 0 })],
    ['totp, when it throws', () => totp({ secret: RFC_SECRET, timeMs: -1 })],
    ['verifyTotp', () => verifyTotp({ secret: RFC_SECRET, code: '00000000', timeMs: 0 })],
    [
      'verifyTotp of a malformed code',
      () => verifyTotp({ secret: RFC_SECRET, code: '', timeMs: 0 }),
    ],
    ['verifyTotp, when it throws', () => verifyTotp({ secret: RFC_SECRET, code: '', timeMs: -1 })],
  ] as const) {
    it(`releases its key: ${name}`, () => {
      const dispose = vi.spyOn(Hmac.prototype, 'dispose');
      try {
        call();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(dispose).toHaveBeenCalledTimes(1);
    });
  }
});
