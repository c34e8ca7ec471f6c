import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIssuer, createVerifier } from '../../../src/index.js';
import { harness } from './harness.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf } from './reference.js';

const NO_TIME = [
  Number.NaN,
  -1,
  -0.001,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  Number.MAX_VALUE,
];
/** `null` divides to 0, which would be 1970; text and dates divide too. */
const NO_NUMBER = [undefined, null, '1720003200000', new Date(0), 0n, {}];

describe('an invalid time of the clock', () => {
  for (const [error, values] of [
    [RangeError, NO_TIME],
    [TypeError, NO_NUMBER],
  ] as const) {
    for (const value of values) {
      const what = typeof value === 'number' ? value : Object.prototype.toString.call(value);
      it(`(${what}) is a ${error.name} of every call that asks it`, async () => {
        const { verifier, clock } = await harness();
        clock.timeMs = value as number;
        const issuer = await createIssuer({
          hosts: { 'example.com': KEYS },
          clock: () => value as number,
        });
        expect(() => verifier.verify(JID, tokenOf())).toThrow(error);
        expect(() => verifier.verifyBatch([JID], [tokenOf()])).toThrow(error);
        expect(() => verifier.verifyLines(`${JID}\t${tokenOf()}\n`)).toThrow(error);
        expect(() => issuer.issue(JID)).toThrow(error);
      });
    }
  }

  it('uses up no token', async () => {
    const { verifier, clock, at } = await harness();
    clock.timeMs = Number.NaN;
    expect(() => verifier.verify(JID, tokenOf())).toThrow(RangeError);
    at(STEP);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });

  it('is rethrown if the clock throws', async () => {
    const fault = new Error('no clock');
    const verifier = await createVerifier({
      clock: () => {
        throw fault;
      },
    });
    expect(() => verifier.verify(JID, tokenOf())).toThrow(fault);
  });
});

describe('a time in another form than milliseconds', () => {
  const now = new Date(STEP * PERIOD_MS);
  for (const [what, value, error, advice] of [
    ['seconds', STEP * 30, RangeError, 'which looks like seconds; multiply it by 1000'],
    ['the first of those seconds', 1e9, RangeError, 'which looks like seconds'],
    ['the last of those seconds', 1e10 - 1, RangeError, 'which looks like seconds'],
    ['a Date', now, TypeError, 'got a Date; write date.getTime()'],
    ['a bigint', BigInt(now.getTime()), TypeError, 'got a bigint; write Number(instant)'],
    ['digits', `${now.getTime()}`, TypeError, 'got a string; write Number(text)'],
    ['a date as text', now.toISOString(), TypeError, 'or Date.parse(text) for a date'],
    ['a promise', Promise.resolve(1), TypeError, 'got a promise; the time must be there at once'],
    ['nothing', undefined, TypeError, 'got undefined'],
    ['null', null, TypeError, 'got null'],
  ] as const) {
    it(`is named, with what to write: ${what}`, async () => {
      const hosts = { 'example.com': KEYS };
      const clock = () => value as number;
      const issuer = await createIssuer({ hosts, clock });
      const verifier = await createVerifier({ hosts, clock, replay: { capacity: 10 } });
      for (const call of [
        () => issuer.issue(JID),
        () => verifier.verify(JID, ''),
        () => verifier.verifyBatch([JID], ['']),
        () => verifier.verifyLines(''),
      ]) {
        expect(call).toThrow(error);
        expect(call).toThrow(/^clock\(\) must be .*milliseconds/);
        expect(call).toThrow(advice);
      }
      if (value === undefined) return;
      expect(() => issuer.issue(JID, { timeMs: value as number })).toThrow(/^timeMs must be/);
      expect(() => issuer.issue(JID, { timeMs: value as number })).toThrow(advice);
    });
  }

  it('is no matter just outside the numbers that seconds are today', async () => {
    for (const timeMs of [1e9 - 1, 1e10]) {
      const verifier = await createVerifier({ clock: () => timeMs, replay: { capacity: 10 } });
      expect(verifier.verify(JID, '').code).toBe('malformed');
    }
  });
});

describe('the clock', () => {
  it('may give times in any order, and each call uses the step of its own time', async () => {
    const near = fc
      .tuple(
        fc.integer({ min: STEP - 2, max: STEP + 2 }),
        fc.constantFrom(-1, -0.25, 0, 0.25, 1, 15_000, 29_999),
      )
      .map(([step, ms]) => step * PERIOD_MS + ms);
    // Less would look like seconds.
    const anywhere = fc.integer({ min: 1e10, max: 2 ** 43 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 4, arbitrary: near }, anywhere), { maxLength: 12 }),
        async (times) => {
          const { clock, verifier } = await harness({ window: { past: 0, future: 0 } });
          for (const timeMs of times) {
            clock.timeMs = timeMs;
            const step = Math.floor(timeMs / PERIOD_MS);
            // Another step than the clock's is wrong-otp, so any other verdict than that finds the
            // step.
            expect(verifier.verify(JID, tokenOf({ step })).code, `${timeMs}`).not.toBe('wrong-otp');
            expect(verifier.verify(JID, tokenOf({ step: step + 1 })).code, `${timeMs}`).toBe(
              'wrong-otp',
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is read once a call, also for a batch', async () => {
    let reads = 0;
    const verifier = await createVerifier({
      hosts: { 'example.com': KEYS },
      clock: () => {
        reads++;
        return STEP * 30_000;
      },
      replay: { capacity: 10 },
    });
    verifier.verify(JID, tokenOf());
    expect(reads).toBe(1);
    verifier.verifyBatch([JID, JID], [tokenOf({ nonce: 1 }), tokenOf({ nonce: 2 })]);
    expect(reads).toBe(2);
  });

  it('is Date.now by default', async () => {
    const hosts = { 'example.com': KEYS };
    const [issuer, verifier] = await Promise.all([
      createIssuer({ hosts }),
      createVerifier({ hosts }),
    ]);
    expect(verifier.verify(JID, issuer.issue(JID)).code).toBe('accepted');
  });
});
