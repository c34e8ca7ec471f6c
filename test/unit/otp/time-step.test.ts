import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepAt, timeStep } from '../../../src/otp/time-step.js';
import rfc6238 from '../../vectors/rfc6238.json' with { type: 'json' };

describe('timeStep', () => {
  for (const { unixSeconds, step } of rfc6238.cases) {
    it(`gives step 0x${step} for ${unixSeconds} s, RFC 6238 Appendix B`, () => {
      expect(timeStep(unixSeconds, { period: rfc6238.period, t0: rfc6238.t0 })).toBe(
        Number.parseInt(step, 16),
      );
    });
  }

  for (const [unixSeconds, options, step] of [
    [0, {}, 0],
    [-0, {}, 0],
    [29.999, {}, 0],
    [30, {}, 1],
    [59.999, {}, 1],
    [10, { t0: 10 }, 0],
    [39.999, { t0: 10 }, 0],
    [40, { t0: 10 }, 1],
    [-1, { t0: -31 }, 1],
    [2 ** 53 - 1, { period: 1 }, 2 ** 53 - 1],
    // Seconds of the year 33658, and milliseconds of 2001 and 2286.
    [1e12 - 1, { period: 1 }, 1e12 - 1],
    [1e13, { period: 1 }, 1e13],
  ] as const) {
    it(`gives, for ${unixSeconds} s with ${JSON.stringify(options)}, step ${step}`, () => {
      expect(timeStep(unixSeconds, options)).toBe(step);
    });
  }

  for (const [why, unixSeconds, options] of [
    ['an instant before 1970', -0.001, {}],
    ['an instant before t0', 9, { t0: 10 }],
    ['an instant that is not a number', Number.NaN, {}],
    ['an infinite instant', Number.POSITIVE_INFINITY, {}],
    ['a step past 2^53', 2 ** 60, { period: 1 }],
    ['a period of 0', 0, { period: 0 }],
    ['a negative period', 0, { period: -30 }],
    ['a fractional period', 0, { period: 29.5 }],
    ['a period in milliseconds', 0, { period: 30_000 }],
    ['an instant in milliseconds, of 2001', 1e12, {}],
    ['an instant in milliseconds, of today', Date.UTC(2026, 0), {}],
    ['an instant in milliseconds, of 2286', 1e13 - 1, {}],
    ['a period that is not a number', 0, { period: Number.NaN }],
    ['a fractional t0', 60, { t0: 0.5 }],
    ['a t0 that is not a number', 60, { t0: Number.NaN }],
  ] as const) {
    it(`refuses ${why}`, () => expect(() => timeStep(unixSeconds, options)).toThrow(RangeError));
  }

  for (const value of ['59', null, undefined, 59n, new Date(59_000)]) {
    it(`refuses the ${typeof value} ${value} as a time`, () => {
      expect(() => timeStep(value as never)).toThrow(TypeError);
      expect(() => stepAt(value as never, 30, 0)).toThrow(TypeError);
    });
  }
});

describe('bad options of timeStep', () => {
  for (const [options, field] of [
    [{ perod: 1 }, 'options.perod'],
    [{ period: 1, timeMs: 0 }, 'options.timeMs'],
    [null, 'options'],
    [30, 'options'],
  ] as const) {
    it(`${JSON.stringify(options)} give an error that names ${field}`, () => {
      expect(() => timeStep(100, options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field }),
      );
    });
  }
});

/** Such milliseconds are refused: somebody's clock gives seconds. */
const looksLikeSeconds = (timeMs: number) => timeMs >= 1e9 && timeMs < 1e10;

describe('the step of an instant in milliseconds', () => {
  it('changes at the very millisecond, up to the last instant of a Date', () => {
    // 8.64e15 ms is the last: ECMAScript §21.4.1.1.
    const cases = fc.record({
      period: fc.integer({ min: 1, max: 86_400 }),
      t0: fc.integer({ min: -1e9, max: 1e9 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ period, t0, share }) => {
        const last = Math.floor((8.64e12 - t0) / period);
        const step = Math.max(1, Math.floor(share * last));
        const edgeMs = (t0 + step * period) * 1000;
        fc.pre(edgeMs > 0 && !looksLikeSeconds(edgeMs));
        expect(stepAt(edgeMs, period, t0)).toBe(step);
        expect(stepAt(edgeMs - 1, period, t0)).toBe(step - 1);
        expect(stepAt(edgeMs + period * 1000 - 1, period, t0)).toBe(step);
      }),
      { numRuns: 1000 },
    );
  });

  it('is floor((timeMs - 1000 t0) / (1000 period)) in exact arithmetic', () => {
    const cases = fc.record({
      timeMs: fc.maxSafeNat(),
      period: fc.integer({ min: 1, max: 86_400 }),
      t0: fc.integer({ min: -1e9, max: 0 }),
    });
    fc.assert(
      fc.property(cases, ({ timeMs, period, t0 }) => {
        fc.pre(!looksLikeSeconds(timeMs));
        const exact = (BigInt(timeMs) - BigInt(t0) * 1000n) / (BigInt(period) * 1000n);
        expect(stepAt(timeMs, period, t0)).toBe(Number(exact));
      }),
      { numRuns: 1000 },
    );
  });

  it('names the argument and the value in its error', () => {
    expect(() => stepAt(-1, 30, 0)).toThrow(/^timeMs must be milliseconds since 1970.*: got -1$/);
  });
});
