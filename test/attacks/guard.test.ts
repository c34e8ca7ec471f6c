/**
 * The guard's memory is bounded, so somebody may try to fill it. Without keys nothing is
 * remembered; with keys exactly the capacity is, and then nothing is accepted that could not be
 * remembered. Levels and overflow of its tables: test/unit/assembly/guard-levels.test.ts and
 * guard-overflow.test.ts.
 */
import { describe, expect, it } from 'vitest';
import {
  JID,
  KEYS,
  nonceOf,
  OTHER_KEYS,
  otpOf,
  STEP,
  tokenOf,
  withWrongSignature,
} from '../unit/token/reference.js';
import { ALL_WAYS, type Code, type Entry, withRig } from './ways.js';

const CAPACITY = 64;
const replay = { capacity: CAPACITY };
/**
 * A thread of a pool takes room for two tokens at a time here; what it has left of that when
 * another is asked stays free.
 */
const leftOver = (way: string): number => (way.endsWith('pool') ? 1 : 0);
/** Four lanes ask each token beside forgeries of it: that changes no verdict. */
const many = (count: number, make: (nonce: number) => string, jid = JID): Entry[] =>
  Array.from({ length: count }, (_, nonce) => ({ jid, token: make(nonce) }));

function tally(codes: readonly Code[]): Partial<Record<Code, number>> {
  const sums: Partial<Record<Code, number>> = {};
  for (const code of codes) sums[code] = (sums[code] ?? 0) + 1;
  return sums;
}

describe.each(ALL_WAYS)('an attack that fills the guard, asked as %s', (way) => {
  it('takes no entry with thousands of forgeries, without keys', async () => {
    await withRig(way, { replay }, async (rig) => {
      const kinds: readonly [Code, (nonce: number) => string][] = [
        ['bad-signature', (nonce) => withWrongSignature(tokenOf({ nonce }))],
        ['bad-signature', (nonce) => tokenOf({ nonce, jid: `user${nonce}@example.com` })],
        ['wrong-otp', (nonce) => tokenOf({ nonce, step: STEP + 5 })],
        ['wrong-otp', (nonce) => tokenOf({ nonce, keys: OTHER_KEYS })],
        ['malformed', (nonce) => `${otpOf(KEYS, STEP)}${nonceOf(nonce)} `],
      ];
      for (const [code, make] of kinds) {
        expect(tally(await rig.ask(many(2000, make)))).toEqual({ [code]: 2000 });
      }
      expect(rig.entries()).toBe(0);
      expect(tally(await rig.ask(many(CAPACITY, (nonce) => tokenOf({ nonce }))))).toEqual({
        accepted: CAPACITY,
      });
    });
  });

  it('takes one entry with thousands of replays of a used token', async () => {
    await withRig(way, { replay }, async (rig) => {
      expect(tally(await rig.ask(many(2000, () => tokenOf())))).toEqual({
        accepted: 1,
        replayed: 1999,
      });
      expect(
        tally(await rig.ask(many(CAPACITY, (nonce) => tokenOf({ nonce: nonce + 100 })))),
      ).toEqual({
        accepted: CAPACITY - 1 - leftOver(way),
        'guard-unavailable': 1 + leftOver(way),
      });
    });
  });

  it('is accepted up to the capacity of a step with keys, and evicts nothing', async () => {
    await withRig(way, { replay }, async (rig) => {
      const flood = many(1000, (nonce) => tokenOf({ nonce }));
      const codes = await rig.ask(flood);
      expect(tally(codes)).toEqual({ accepted: CAPACITY, 'guard-unavailable': 1000 - CAPACITY });
      const again = await rig.ask(flood);
      expect(again).toEqual(
        codes.map((code) => (code === 'accepted' ? 'replayed' : 'guard-unavailable')),
      );
    });
  });

  it('leaves the other steps of the window, and the next step, their own room', async () => {
    await withRig(way, { replay }, async (rig) => {
      const flood = many(100, (nonce) => tokenOf({ nonce }));
      await rig.ask(flood);
      for (const step of [STEP - 1, STEP + 1])
        expect(await rig.one(JID, tokenOf({ step }))).toBe('accepted');
      rig.at(STEP + 2);
      for (const step of [STEP + 1, STEP + 2, STEP + 3]) {
        expect(await rig.one(JID, tokenOf({ step, nonce: 500 })), `${step - STEP}`).toBe(
          'accepted',
        );
      }
      expect(new Set(await rig.ask(flood))).toEqual(new Set(['wrong-otp']));
    });
  });

  it('by one tenant makes the guard refuse all tenants for that step, and lets nobody in twice', async () => {
    await withRig(way, { replay, hosts: { loud: KEYS, quiet: OTHER_KEYS } }, async (rig) => {
      const quiet = (nonce: number) => tokenOf({ keys: OTHER_KEYS, jid: 'bob@quiet', nonce });
      expect(await rig.one('bob@quiet', quiet(1))).toBe('accepted');
      const flood = many(100, (nonce) => tokenOf({ jid: 'a@loud', nonce }), 'a@loud');
      expect(tally(await rig.ask(flood))).toEqual({
        accepted: CAPACITY - 1 - leftOver(way),
        'guard-unavailable': 101 - CAPACITY + leftOver(way),
      });
      expect(await rig.one('bob@quiet', quiet(1))).toBe('replayed');
      expect(await rig.one('bob@quiet', quiet(2))).toBe('guard-unavailable');
      // Rotating the loud one's keys out ends the flood with the step.
      await rig.setHost('loud', OTHER_KEYS);
      rig.at(STEP + 1);
      const next = tokenOf({ keys: OTHER_KEYS, jid: 'bob@quiet', step: STEP + 1 });
      expect(await rig.one('bob@quiet', next)).toBe('accepted');
    });
  });
});
