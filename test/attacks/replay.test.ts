/**
 * A token is accepted once. The original's own hole stands in
 * test/attacks/original/replay-hole.test.ts, random walks beside a model in
 * test/unit/token/replay-model.test.ts; here are all pairs of steps, of keys in rotation and of
 * ways to ask.
 */
import { describe, expect, it } from 'vitest';
import type { HostKeys } from '../../src/index.js';
import { harness } from '../unit/token/harness.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf } from '../unit/token/reference.js';
import { ALL_WAYS, ASKS, type Entry, withRig } from './ways.js';

const WINDOWS = [
  { past: 1, future: 1 },
  { past: 2, future: 3 },
];
const SAME_SEED: HostKeys = { ...KEYS, tokenSecret: 'another secret under the same seed' };

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe.each(ALL_WAYS)('a replay, asked as %s', (way) => {
  it.each(WINDOWS)(
    'is rejected in the order A, B, A, B for every pair of steps of the window %o',
    async (window) => {
      await withRig(way, { window }, async (rig) => {
        let nonce = 0;
        for (const a of from(-window.past, window.future)) {
          for (const b of from(-window.past, window.future)) {
            const [first, second] = [a, b].map((drift) => ({
              jid: JID,
              token: tokenOf({ step: STEP + drift, nonce: nonce++ }),
            })) as [Entry, Entry];
            expect(await rig.ask([first]), `${a}`).toEqual(['accepted']);
            expect(await rig.ask([second]), `${b}`).toEqual(['accepted']);
            expect(await rig.ask([first, second, first, second]), `${a}, ${b}`).toEqual(
              Array(4).fill('replayed'),
            );
          }
        }
      });
    },
  );

  it.each(WINDOWS)(
    'is rejected from every step at which a token is seen to every later one, window %o',
    async (window) => {
      await withRig(way, { window }, async (rig) => {
        let nonce = 0;
        const sights = from(-window.future, window.past);
        for (const first of sights) {
          for (const again of sights) {
            // The token's step is moved on so that the clock of the test never goes back.
            const step = STEP + 100 * ++nonce;
            const token = tokenOf({ step, nonce });
            rig.at(step + Math.min(first, again));
            expect(await rig.one(JID, token)).toBe('accepted');
            rig.at(step + Math.max(first, again));
            const others = from(-window.past, window.future).map((drift) => ({
              jid: JID,
              token: tokenOf({ step: step + Math.max(first, again) + drift, nonce: 1000 + nonce }),
            }));
            expect(new Set(await rig.ask(others))).toEqual(new Set(['accepted']));
            expect(await rig.one(JID, token), `${first}, ${again}`).toBe('replayed');
          }
        }
      });
    },
  );

  it('is rejected from every stage of a rotation to every later one, also after its host was removed and set again', async () => {
    const stages: readonly (readonly HostKeys[])[] = [
      [KEYS],
      [OTHER_KEYS, KEYS],
      [OTHER_KEYS],
      [],
      [SAME_SEED, OTHER_KEYS],
      [KEYS, SAME_SEED],
      [SAME_SEED],
      [KEYS, OTHER_KEYS, SAME_SEED],
    ];
    await withRig(way, {}, async (rig) => {
      const used = new Set<string>();
      const tokens: { keys: HostKeys; entry: Entry }[] = [];
      for (const [stage, held] of stages.entries()) {
        if (held.length === 0) await rig.removeHost('example.com');
        else await rig.setHost('example.com', held);
        for (const keys of [KEYS, OTHER_KEYS, SAME_SEED]) {
          for (const step of [STEP - 1, STEP, STEP + 1]) {
            tokens.push({
              keys,
              entry: { jid: JID, token: tokenOf({ keys, step, nonce: stage }) },
            });
          }
        }
        // Those of all stages so far, in one go.
        const expected = tokens.map(({ keys, entry: { token } }) => {
          if (held.length === 0) return 'unknown-host';
          if (!held.includes(keys)) {
            return held.some(({ otpSeed }) => otpSeed === keys.otpSeed)
              ? 'bad-signature'
              : 'wrong-otp';
          }
          if (used.has(token)) return 'replayed';
          used.add(token);
          return 'accepted';
        });
        expect(await rig.ask(tokens.map(({ entry }) => entry)), `stage ${stage}`).toEqual(expected);
      }
      // Each was good at its own stage or a later one.
      expect(used.size).toBe(tokens.length);
    });
  });
});

describe('a token used in one way', () => {
  for (const [first, useUp] of Object.entries(ASKS)) {
    it(`(${first}) is used up for all ways`, async () => {
      const { verifier } = await harness();
      for (const [nonce, [second, again]] of Object.entries(ASKS).entries()) {
        const entry = { jid: JID, token: tokenOf({ nonce }) };
        expect([...(await useUp(verifier, [entry]))].map(({ code }) => code)).toEqual(['accepted']);
        const [verdict] = await again(verifier, [entry]);
        expect(verdict!.code, second).toBe('replayed');
      }
    });
  }
});
