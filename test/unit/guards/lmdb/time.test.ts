/**
 * What a folder keeps, by time: windows and periods that differ or change, the last millisecond,
 * another format.
 */
import { open as openEnvironment } from 'lmdb';
import { afterEach, describe, expect, it } from 'vitest';
import type { GuardAnswer } from '../../../../src/guards/guard.js';
import {
  createLmdbGuard,
  type LmdbGuard,
  type LmdbGuardOptions,
} from '../../../../src/guards/lmdb/index.js';
import { expectChangedDigits } from '../changed-digits.js';
import { markOf } from '../marks.js';
import { storeFolder } from './folder.js';

const T0_MS = 1_800_000_000_000;
const ID = 'abcdefghij+/Az09';
const MINUTE_MS = 60_000;
let nowMs = T0_MS;
const opened: LmdbGuard[] = [];
afterEach(async () => {
  for (const guard of opened.splice(0)) await guard.close();
});
async function guardOn(path: string, options: Partial<LmdbGuardOptions> = {}): Promise<LmdbGuard> {
  const guard = await createLmdbGuard({ path, clock: () => nowMs, ...options });
  opened.push(guard);
  return guard;
}
const ask = async (
  guard: LmdbGuard,
  ...marks: ReturnType<typeof markOf>[]
): Promise<GuardAnswer[]> => [...(await guard.remember(marks))];

describe('windows of different widths', () => {
  for (const { past, later } of [
    { past: 3, later: 3.9 },
    { past: 6, later: 6.5 },
    { past: 10, later: 10.999 },
  ]) {
    for (const periodMs of [1000, 30_000, 86_400_000]) {
      it(`of one step and of ${past} steps before: a token used in the first is replayed ${later} steps of ${periodMs} ms later`, async () => {
        const step = Math.floor(T0_MS / periodMs);
        nowMs = step * periodMs;
        const path = storeFolder();
        const [narrow, wide] = [await guardOn(path), await guardOn(path)];
        expect(await ask(narrow, markOf(ID, step, { periodMs }))).toEqual(['fresh']);
        nowMs = Math.floor((step + later) * periodMs);
        // A step begins, and what is over is dropped.
        const now = Math.floor(nowMs / periodMs);
        expect(await ask(narrow, markOf(ID, now, { periodMs }))).toEqual(['fresh']);
        expect(await ask(wide, markOf(ID, step, { periodMs, past }))).toEqual(['replayed']);
      });
    }
  }

  it('answer replayed to the last millisecond, and stale from then on', async () => {
    const step = Math.floor(T0_MS / 30_000);
    const known = markOf(ID, step, { past: 10 });
    nowMs = step * 30_000;
    const guard = await guardOn(storeFolder());
    expect(await ask(guard, known)).toEqual(['fresh']);
    const expected: [number, GuardAnswer][] = [
      [known.expiresAtMs - 1, 'replayed'],
      [known.expiresAtMs, 'stale'],
      [known.keepUntilMs - 1, 'replayed'],
      [known.keepUntilMs, 'stale'],
    ];
    for (const [ms, answer] of expected) {
      nowMs = ms;
      expect(await ask(guard, known), `${ms - T0_MS}`).toEqual([answer]);
    }
    const narrow = markOf('ABCDEFGHIJ+/Az09', step + 20);
    nowMs = narrow.expiresAtMs - 1;
    expect(await ask(guard, narrow)).toEqual(['fresh']);
    nowMs++;
    expect(await ask(guard, narrow, markOf('BBCDEFGHIJ+/Az09', step + 20))).toEqual([
      'stale',
      'stale',
    ]);
  });
});

describe('a period that changes', () => {
  const PERIODS = [30_000, 60_000, 1000, 30_000, 3_600_000, 45_000, 86_400_000, 30_000];

  it('is followed at once by one verifier after the other, and back', async () => {
    nowMs = T0_MS;
    const guard = await guardOn(storeFolder());
    const used = [];
    for (const periodMs of PERIODS) {
      nowMs += MINUTE_MS;
      for (let i = 0; i < 3; i++, nowMs += Math.min(periodMs, MINUTE_MS)) {
        const mark = markOf(ID, Math.floor(nowMs / periodMs), { periodMs, past: 10 });
        const [answer] = await ask(guard, mark);
        // Of a period of a day it may be the step of before.
        expect(answer === 'fresh' || (answer === 'replayed' && periodMs > MINUTE_MS)).toBe(true);
        used.push(mark);
      }
      // None of those that could still be shown is taken again.
      const answers = await guard.remember(used);
      expect(answers).not.toContain('fresh');
      expect(answers).not.toContain('unavailable');
      for (const [i, { expiresAtMs }] of used.entries()) {
        expect(answers[i]).toBe(expiresAtMs > nowMs ? 'replayed' : 'stale');
      }
    }
  });

  it('to a longer one keeps a step longer whose number is that of a kept step', async () => {
    const [shorter, longer] = [86_399_000, 86_400_000];
    const step = Math.floor(T0_MS / longer);
    nowMs = step * longer;
    const guard = await guardOn(storeFolder());
    const other = 'ABCDEFGHIJ+/Az09';
    const first = markOf(ID, step, { periodMs: shorter, past: 10 });
    expect(await ask(guard, first, markOf(other, step, { periodMs: longer }))).toEqual([
      'fresh',
      'fresh',
    ]);
    nowMs = first.keepUntilMs + MINUTE_MS;
    // A step begins, and what is over is dropped.
    expect(await ask(guard, markOf(ID, Math.floor(nowMs / longer), { periodMs: longer }))).toEqual([
      'fresh',
    ]);
    const again = [ID, other].map((id) => markOf(id, step, { periodMs: longer, past: 10 }));
    expect(await ask(guard, ...again)).toEqual(['replayed', 'replayed']);
  });

  it('in steps: verifiers of both periods are served side by side as long as it takes', async () => {
    nowMs = T0_MS;
    const path = storeFolder();
    const verifiers = [
      { guard: await guardOn(path), periodMs: 1000 },
      { guard: await guardOn(path), periodMs: 2000 },
    ];
    for (let i = 0; i < 200; i++, nowMs += 1000) {
      for (const { guard, periodMs } of verifiers) {
        const now = Math.floor(nowMs / periodMs);
        // As early and as late as a window allows.
        const steps = [now + 10, now - 10, now];
        const marks = steps.map((step) =>
          markOf(`${String(i).padStart(6, 'A')}${String(step).padStart(10, 'x')}`, step, {
            periodMs,
            past: 10,
            future: 10,
          }),
        );
        expect(await ask(guard, ...marks)).toEqual(['fresh', 'fresh', 'fresh']);
        expect(await ask(guard, ...marks)).toEqual(['replayed', 'replayed', 'replayed']);
      }
    }
  });
});

it('digits that change between restarts, and back, let no token be accepted twice', async () => {
  const path = storeFolder();
  await expectChangedDigits(() => createLmdbGuard({ path }));
});

describe('a clock that jumps', () => {
  it('ahead and back makes dropped tokens stale, and the present is served', async () => {
    nowMs = T0_MS;
    const guard = await guardOn(storeFolder());
    const at = (ms: number) => markOf(ID, Math.floor(ms / 30_000), { past: 10 });
    expect(await ask(guard, at(T0_MS))).toEqual(['fresh']);
    nowMs = T0_MS + 365 * 86_400_000;
    expect(await ask(guard, at(nowMs))).toEqual(['fresh']);
    nowMs = T0_MS + 1;
    expect(await ask(guard, at(T0_MS), { ...at(T0_MS), id: 'ZZZZZZZZZZZZZZZZ' })).toEqual([
      'stale',
      'stale',
    ]);
    nowMs = T0_MS + 30_000;
    expect(await ask(guard, at(nowMs))).toEqual(['fresh']);
  });
});

describe('tokens from before a new store', () => {
  it.each([
    [{}, { future: 1 }, 1],
    [{}, { future: 10 }, 10],
    [{ lifetimeMs: 21 * 30_000 }, { future: 1 }, 19],
  ])(
    'are stale if a window of its verifiers could have reached them: %j %j',
    async (options, window, steps) => {
      const step = Math.floor(T0_MS / 30_000);
      nowMs = step * 30_000 + 1;
      const guard = await guardOn(storeFolder(), { rejectStepsBefore: 'creation', ...options });
      expect(await ask(guard, markOf(ID, step + steps, window))).toEqual(['stale']);
      expect(await ask(guard, markOf(ID, step + steps + 1, window))).toEqual(['fresh']);
    },
  );
});

describe('a folder of another format', () => {
  it('is refused with the fix, and is not changed', async () => {
    const path = storeFolder();
    const old = openEnvironment({ path, noSubdir: false, maxDbs: 33 });
    const records = old.openDB({ name: 'records', keyEncoding: 'uint32', encoding: 'json' });
    await records.put(32, { createdAtMs: T0_MS });
    await records.put(7, { step: 60_000_007, expiresAtMs: T0_MS, count: 1, isDropped: false });
    await old.close();
    for (let i = 0; i < 2; i++) {
      await expect(createLmdbGuard({ path })).rejects.toMatchObject({
        code: 'ERR_STORE_FAILED',
        message: expect.stringMatching(
          /another version of totp-token; move the folder away.*rejectStepsBefore: 'creation'/,
        ),
      });
    }
  });
});
