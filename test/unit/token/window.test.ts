import { describe, expect, it } from 'vitest';
import { harness } from './harness.js';
import { JID, PERIOD_MS, STEP, tokenOf } from './reference.js';

describe('the window', () => {
  for (const window of [
    { past: 0, future: 0 },
    { past: 1, future: 1 },
    { past: 2, future: 0 },
    { past: 0, future: 1 },
    { past: 0, future: 10 },
    { past: 10, future: 0 },
    { past: 10, future: 10 },
  ]) {
    it(`accepts each step in it and none beside it: past ${window.past}, future ${window.future}`, async () => {
      const { verifier } = await harness({ window });
      for (let drift = -window.past - 2; drift <= window.future + 2; drift++) {
        const verdict = verifier.verify(JID, tokenOf({ step: STEP + drift }));
        if (drift >= -window.past && drift <= window.future) {
          expect(verdict).toEqual({
            ok: true,
            code: 'accepted',
            step: STEP + drift,
            drift,
            keyIndex: 0,
          });
        } else {
          expect(verdict, `drift ${drift}`).toEqual({ ok: false, code: 'wrong-otp' });
        }
      }
    });
  }

  it('with one side given keeps the other side’s default', async () => {
    const { verifier } = await harness({ window: { past: 3 } });
    const codes = [-4, -3, 1, 2].map(
      (drift) => verifier.verify(JID, tokenOf({ step: STEP + drift })).code,
    );
    expect(codes).toEqual(['wrong-otp', 'accepted', 'accepted', 'wrong-otp']);
  });

  it('moves with the clock: drift counts from the clock, and step does not', async () => {
    const { verifier, at } = await harness();
    for (const [now, drift] of [
      [STEP - 1, 1],
      [STEP, 0],
      [STEP + 1, -1],
    ] as const) {
      at(now);
      const verdict = verifier.verify(JID, tokenOf({ nonce: now }));
      expect(verdict).toMatchObject({ code: 'accepted', step: STEP, drift });
    }
  });
});

/**
 * A token of the step that begins at W is good from W - 30 s, inclusive, to W + 60 s, exclusive.
 */
describe('the edges of the window', async () => {
  const { verifier, clock } = await harness();
  const W = STEP * PERIOD_MS;
  let nonce = 0;

  for (const [offsetMs, code] of [
    [-30_001, 'wrong-otp'],
    [-30_000.25, 'wrong-otp'],
    [-30_000, 'accepted'],
    [-29_999, 'accepted'],
    [-1, 'accepted'],
    [0, 'accepted'],
    [1, 'accepted'],
    [29_999, 'accepted'],
    [30_000, 'accepted'],
    [30_001, 'accepted'],
    [59_999, 'accepted'],
    [59_999.75, 'accepted'],
    [60_000, 'wrong-otp'],
    [60_001, 'wrong-otp'],
  ] as const) {
    it(`give, at W ${offsetMs < 0 ? '-' : '+'} ${Math.abs(offsetMs)} ms, the verdict ${code}`, () => {
      clock.timeMs = W + offsetMs;
      expect(verifier.verify(JID, tokenOf({ nonce: nonce++ })).code).toBe(code);
    });
  }

  it('keep the last number before an edge on its side', () => {
    const lastBefore = (edgeMs: number) => edgeMs - 2 ** -12;
    expect(lastBefore(W + 60_000)).toBeLessThan(W + 60_000);
    clock.timeMs = lastBefore(W + 60_000);
    expect(verifier.verify(JID, tokenOf({ nonce: nonce++ })).code).toBe('accepted');
    clock.timeMs = lastBefore(W - 30_000);
    expect(verifier.verify(JID, tokenOf({ nonce: nonce++ })).code).toBe('wrong-otp');
  });
});

describe('the first steps after 1970', () => {
  for (const timeMs of [0, 0.5, 1, 29_999, 30_000, 59_999, 60_000, 90_000]) {
    it(`begin the window with the first step, at ${timeMs} ms`, async () => {
      const now = Math.floor(timeMs / PERIOD_MS);
      const { verifier, clock } = await harness({ window: { past: 2, future: 2 } });
      clock.timeMs = timeMs;
      for (let step = 0; step <= now + 3; step++) {
        const code = Math.abs(step - now) <= 2 ? 'accepted' : 'wrong-otp';
        expect(verifier.verify(JID, tokenOf({ step })).code, `step ${step}`).toBe(code);
      }
    });
  }

  it('accept no counter that wrapped below zero', async () => {
    const { verifier, clock } = await harness();
    clock.timeMs = 0;
    // 2^64 - 1, what step -1 would be as an unsigned counter, and what it would be as a 32-bit one.
    for (const step of [2n ** 64n - 1n, 2n ** 32n - 1n]) {
      const token = tokenOf({ step: step as unknown as number });
      expect(verifier.verify(JID, token).code).toBe('wrong-otp');
    }
  });

  it('accept no OTP of zeros or other fillers for a missing step', async () => {
    const { verifier, clock } = await harness({ window: { past: 10, future: 0 } });
    clock.timeMs = 0;
    for (const otp of ['00000000', '99999999', 'ÿÿÿÿÿÿÿÿ']) {
      expect(verifier.verify(JID, tokenOf({ otp })).ok).toBe(false);
    }
    const raw = new Uint8Array(Buffer.from(tokenOf(), 'latin1')).fill(0xff, 0, 8);
    expect(verifier.verify(JID, raw).code).toBe('malformed');
  });
});

describe('the far future', () => {
  const LAST = Number.MAX_SAFE_INTEGER - 64;

  for (const step of [
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 40,
    2 ** 48,
    LAST,
  ]) {
    it(`has a 64-bit counter, with neighbours, for step ${step}`, async () => {
      const { verifier, clock } = await harness({ period: 1 });
      // With a period of 1 s a step is a whole number of seconds; a division by 1,000 is exact
      // enough.
      clock.timeMs = step * 1000;
      const now = Math.floor(clock.timeMs / 1000);
      expect(now).toBe(step);
      for (const drift of [-1, 0, 1]) {
        const verdict = verifier.verify(JID, tokenOf({ step: step + drift }));
        expect(verdict).toEqual({
          ok: true,
          code: 'accepted',
          step: step + drift,
          drift,
          keyIndex: 0,
        });
      }
    });
  }

  it('ends with a RangeError where a number no longer counts steps', async () => {
    const { verifier, clock } = await harness({ period: 1 });
    clock.timeMs = 2 ** 53 * 1000;
    expect(() => verifier.verify(JID, tokenOf())).toThrow(RangeError);
  });
});
