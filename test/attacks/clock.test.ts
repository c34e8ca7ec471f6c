/**
 * Whoever can move the verifier's clock, by a forged time server say, must not make it accept a
 * token twice. Moves one by one stand in test/unit/token/replay.test.ts, random ones beside a model
 * in test/unit/token/replay-model.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { JID, PERIOD_MS, STEP, tokenOf } from '../unit/token/reference.js';
import { ALL_WAYS, type Code, type Entry, type Rig, withRig } from './ways.js';

const JUMPS = [0, 1, -1, 2, -2, 3, -3, 4, 100, -100, 1_000_000, -1_000_000];
const NO_TIME = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1, 1e300];

/** Two tokens of each step around `step`: more than the window sees. */
function tokensAround(step: number): Entry[] {
  const entries: Entry[] = [];
  for (let drift = -2; drift <= 2; drift++) {
    for (const nonce of [1, 2])
      entries.push({ jid: JID, token: tokenOf({ step: step + drift, nonce }) });
  }
  return entries;
}

/**
 * The clock takes every pair of jumps, and each stop is shown what is around it and around the stop
 * before.
 */
async function walk(rig: Rig): Promise<Code[]> {
  const used = new Set<string>();
  const codes: Code[] = [];
  let now = STEP;
  for (const first of JUMPS) {
    for (const second of JUMPS) {
      for (const jump of [first, second]) {
        const before = now;
        now = Math.max(now + jump, 10);
        rig.at(now);
        const entries = [...tokensAround(now), ...tokensAround(before)];
        const answers = await rig.ask(entries);
        for (const [i, code] of answers.entries()) {
          const { token } = entries[i]!;
          if (code === 'accepted') {
            expect(used.has(token), `accepted twice: jumps ${first}, ${second}`).toBe(false);
            used.add(token);
          }
        }
        codes.push(...answers);
      }
    }
  }
  return codes;
}

describe('a clock that jumps', async () => {
  let expected: Code[] = [];
  await withRig('single', {}, async (rig) => {
    expected = await walk(rig);
  });

  it('reaches every verdict that a good token can get', () => {
    expect(new Set(expected)).toEqual(new Set(['accepted', 'replayed', 'stale', 'wrong-otp']));
  });

  it.each(ALL_WAYS)('accepts no token twice after any pair of jumps, asked as %s', async (way) => {
    await withRig(way, {}, async (rig) => expect(await walk(rig)).toEqual(expected));
  });
});

describe.each(ALL_WAYS)('a clock that is wrong, asked as %s', (way) => {
  it('causes an error while it is wrong, uses up no token and forgets none', async () => {
    await withRig(way, {}, async (rig) => {
      const used = tokenOf({ nonce: 1 });
      const fresh = tokenOf({ nonce: 2 });
      expect(await rig.one(JID, used)).toBe('accepted');
      for (const timeMs of NO_TIME) {
        rig.clock.timeMs = timeMs;
        await expect(rig.one(JID, fresh), `${timeMs}`).rejects.toThrow(RangeError);
      }
      rig.at(STEP);
      expect(await rig.one(JID, used)).toBe('replayed');
      expect(await rig.one(JID, fresh)).toBe('accepted');
    });
  });

  it('set back to the time of a used token, does not make the token good again', async () => {
    await withRig(way, {}, async (rig) => {
      const used = tokenOf();
      expect(await rig.one(JID, used)).toBe('accepted');
      for (const years of [0, 1, 10]) {
        const later = STEP + Math.round((years * 365.25 * 86_400_000) / PERIOD_MS) + 3;
        rig.at(later);
        for (const step of [later - 1, later, later + 1]) await rig.one(JID, tokenOf({ step }));
        expect(await rig.one(JID, used)).toBe('wrong-otp');
        rig.at(STEP);
        expect(await rig.one(JID, used), `after ${years} years`).toBe('stale');
      }
    });
  });

  it('set ahead, accepts no token of that time twice, and none again when that time comes', async () => {
    await withRig(way, {}, async (rig) => {
      const ahead = tokenOf({ step: STEP + 500 });
      expect(await rig.one(JID, ahead)).toBe('wrong-otp');
      rig.at(STEP + 500);
      expect(await rig.one(JID, ahead)).toBe('accepted');
      rig.at(STEP);
      expect(await rig.one(JID, ahead)).toBe('wrong-otp');
      rig.at(STEP + 500);
      expect(await rig.one(JID, ahead)).toBe('replayed');
    });
  });

  it('that swings over the edge of a step accepts each token once', async () => {
    await withRig(way, {}, async (rig) => {
      const token = tokenOf();
      const codes: Code[] = [];
      for (let i = 0; i < 300; i++) {
        rig.clock.timeMs = (STEP + (i % 3) - 1) * PERIOD_MS + (i % 2 ? 0 : PERIOD_MS - 1);
        codes.push(await rig.one(JID, token));
      }
      expect(codes).toEqual(['accepted', ...Array(299).fill('replayed')]);
    });
  });
});
