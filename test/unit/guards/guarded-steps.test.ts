/**
 * The steps of a token for which a guard is asked: the window's ends, and two steps that have one
 * OTP.
 */
import { describe, expect, it } from 'vitest';
import { createGuardedVerifier, type GuardAnswer } from '../../../src/index.js';
import { JID, KEYS, PERIOD_MS, STEP, stepsWithOneOtp, tokenOf } from '../token/reference.js';

const WIDEST = { past: 10, future: 10 };

/** A verifier with the widest window, and the steps that its guard was asked about. */
async function asking(step: number, digits: number, said: readonly GuardAnswer[]) {
  const steps: number[] = [];
  const verifier = await createGuardedVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => (step + 0.5) * PERIOD_MS,
    digits,
    window: WIDEST,
    replay: { capacity: 100 },
    guard: {
      remember: async (marks) => {
        steps.push(...marks.map((mark) => mark.step));
        return said;
      },
    },
  });
  return { verifier, steps };
}

describe('the widest window', () => {
  for (const drift of [-10, -1, 0, 1, 10]) {
    it(`has the mark of a token that is ${drift} steps away`, async () => {
      const { verifier, steps } = await asking(STEP, 8, ['fresh']);
      const verdict = await verifier.verify(JID, tokenOf({ step: STEP + drift }));
      expect(verdict).toMatchObject({ code: 'accepted', drift });
      expect(steps).toEqual([STEP + drift]);
    });
  }
});

describe('a token whose OTP is that of two steps', () => {
  const digits = 6;
  const [first, second] = stepsWithOneOtp(digits);
  const token = tokenOf({ step: first, digits, nonce: 1 });

  it.each<[GuardAnswer, GuardAnswer, string]>([
    ['fresh', 'fresh', 'accepted'],
    ['fresh', 'replayed', 'replayed'],
    ['replayed', 'fresh', 'replayed'],
    ['stale', 'fresh', 'stale'],
    ['fresh', 'unavailable', 'guard-unavailable'],
    ['unavailable', 'replayed', 'guard-unavailable'],
  ])('with %s for one and %s for the other is %s', async (one, other, code) => {
    const { verifier, steps } = await asking(second, digits, [one, other]);
    expect((await verifier.verify(JID, token)).code).toBe(code);
    expect(steps).toEqual([first, second]);
  });
});

it('a token of two steps is not recorded as used while another call asks about one of them', async () => {
  const digits = 6;
  const [first, second] = stepsWithOneOtp(digits);
  const token = tokenOf({ step: first, digits, nonce: 1 });
  const pending: { answer(said: GuardAnswer[]): void; steps: number[] }[] = [];
  let step = second;
  const verifier = await createGuardedVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => (step + 0.5) * PERIOD_MS,
    digits,
    window: WIDEST,
    replay: { capacity: 100 },
    guard: {
      remember: (marks) =>
        new Promise((answer) => pending.push({ answer, steps: marks.map((mark) => mark.step) })),
    },
  });
  const both = verifier.verify(JID, token);
  // The first step has left the window.
  step = first + WIDEST.past + 1;
  const one = verifier.verify(JID, token);
  expect(pending.map(({ steps }) => steps)).toEqual([[first, second], [second]]);
  pending[0]?.answer(['replayed', 'fresh']);
  expect((await both).code).toBe('replayed');
  pending[1]?.answer(['fresh']);
  expect((await one).code).toBe('accepted');
});
