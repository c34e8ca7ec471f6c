/** The guard in a folder: what every guard must do, its generations, and what it refuses. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { guardConformance } from '../../../../src/guards/conformance.js';
import type { ReplayMark } from '../../../../src/guards/guard.js';
import {
  createLmdbGuard,
  type LmdbGuard,
  type LmdbGuardOptions,
} from '../../../../src/guards/lmdb/index.js';
import { markOf } from '../marks.js';
import { storeFolder } from './folder.js';

const PERIOD_MS = 30_000;
/** A step and its moments, on a clock that a case moves. */
const STEP = 60_000_000;
let nowMs = 0;
const clock = () => nowMs;

const open: LmdbGuard[] = [];
afterEach(async () => {
  for (const guard of open.splice(0)) await guard.close();
});
async function guardOn(path: string, options: Omit<LmdbGuardOptions, 'path'> = { clock }) {
  const guard = await createLmdbGuard({ path, ...options });
  open.push(guard);
  return guard;
}

/** A mark of this step: good from one step before it until one step after it. */
const mark = (number: number, step = STEP): ReplayMark =>
  markOf(`abcdefghij${String(number).padStart(6, '0')}`, step);
const marks = (count: number, step = STEP) =>
  Array.from({ length: count }, (_, i) => mark(i, step));

describe('the guard in a folder, as every guard', () => {
  const path = storeFolder();
  const withClock = () => {
    const path = storeFolder();
    let aheadMs = 0;
    return {
      open: () => createLmdbGuard({ path, clock: () => Date.now() + aheadMs }),
      moveClock: (byMs: number) => {
        aheadMs += byMs;
      },
    };
  };
  const cases = guardConformance(() => createLmdbGuard({ path }), { withClock });
  for (const { name, run } of cases) it(name, run);
});

describe('generations of marks', () => {
  it('are dropped as a whole when no window reaches them, and are stale from then on', async () => {
    const path = storeFolder();
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(path);
    expect(new Set(await guard.remember(marks(20_000)))).toEqual(new Set(['fresh']));
    const full = statSync(join(path, 'data.mdb')).size;
    for (let step = STEP + 1; step < STEP + 30; step++) {
      nowMs = step * PERIOD_MS;
      expect(new Set(await guard.remember(marks(20_000, step)))).toEqual(new Set(['fresh']));
      expect(await guard.remember([mark(1, step), mark(900_001, step)])).toEqual([
        'replayed',
        'fresh',
      ]);
    }
    // Twelve are held at once, and a few more while the place of one is made free: not thirty.
    expect(statSync(join(path, 'data.mdb')).size).toBeLessThan(15 * full);
    expect(await guard.remember([mark(1)])).toEqual(['stale']);
    // The clock goes back: what was dropped stays unknown, what is held stays held.
    nowMs = STEP * PERIOD_MS;
    expect(await guard.remember([mark(1), mark(900_002), mark(1, STEP + 20)])).toEqual([
      'stale',
      'stale',
      'replayed',
    ]);
  });

  it('of a whole window of 21 steps are held at once', async () => {
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(storeFolder());
    const wide = Array.from({ length: 21 }, (_, i) => ({
      ...mark(i, STEP - 10 + i),
      expiresAtMs: (STEP + i + 1) * PERIOD_MS,
    }));
    expect(new Set(await guard.remember(wide))).toEqual(new Set(['fresh']));
    expect(new Set(await guard.remember(wide))).toEqual(new Set(['replayed']));
  });

  it('are at most 64, and a clock that is far off adds no more and removes none', async () => {
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(storeFolder());
    const steps = Array.from({ length: 64 }, (_, i) => mark(i, STEP + 100 * i));
    expect(new Set(await guard.remember(steps))).toEqual(new Set(['fresh']));
    expect(await guard.remember([mark(1, STEP + 1)])).toEqual(['unavailable']);
    expect(new Set(await guard.remember(steps))).toEqual(new Set(['replayed']));
    // The first is over, so there is room for one.
    nowMs = (STEP + 12) * PERIOD_MS;
    expect(await guard.remember([mark(1, STEP + 12), mark(1, STEP + 13)])).toEqual([
      'fresh',
      'unavailable',
    ]);
  });

  it('are kept as long as the widest allowed window, whichever window wrote them', async () => {
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(storeFolder());
    expect(await guard.remember([mark(1)])).toEqual(['fresh']);
    nowMs = (STEP + 11) * PERIOD_MS - 1;
    expect(await guard.remember([mark(3, STEP + 11)])).toEqual(['fresh']);
    expect(await guard.remember([{ ...mark(1), expiresAtMs: (STEP + 11) * PERIOD_MS }])).toEqual([
      'replayed',
    ]);
  });

  it('take as many tokens as their capacity, and forget none', async () => {
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(storeFolder(), { clock, capacity: 5 });
    expect(await guard.remember(marks(6))).toEqual([...Array(5).fill('fresh'), 'unavailable']);
    expect(await guard.remember(marks(6))).toEqual([...Array(5).fill('replayed'), 'unavailable']);
    expect(await guard.remember([mark(9, STEP + 1)])).toEqual(['fresh']);
  });
});

describe('a mark that is unavailable', () => {
  async function watched(capacity = 5) {
    nowMs = STEP * PERIOD_MS;
    const told: string[] = [];
    const path = storeFolder();
    const onProblem = ({ code, message }: { code: string; message: string }) =>
      void told.push(`${code} ${message.replace(path, 'PATH')}`);
    return { told, guard: await guardOn(path, { clock, capacity, onProblem }) };
  }

  it('since a wider window shows it for longer than it is kept has this reason', async () => {
    const { told, guard } = await watched();
    const wide = { ...mark(1), expiresAtMs: mark(1).keepUntilMs + 1 };
    expect(await guard.remember([wide, mark(2)])).toEqual(['unavailable', 'fresh']);
    expect(told).toEqual([
      'ERR_STORE_FAILED lmdb PATH: a mark does not say until when it counts, or counts for longer than it is kept',
    ]);
  });

  it('since its step is full has this reason, once for many tokens', async () => {
    const { told, guard } = await watched();
    expect((await guard.remember(marks(900))).filter((each) => each === 'fresh').length).toBe(5);
    await guard.remember(marks(900));
    expect(told).toEqual([
      'ERR_STORE_FAILED lmdb PATH: a step is full with 5 tokens; raise the capacity',
    ]);
  });

  it('since 64 steps are kept has this reason', async () => {
    const { told, guard } = await watched();
    await guard.remember(Array.from({ length: 65 }, (_, i) => mark(i, STEP + 100 * i)));
    expect(told).toEqual([
      'ERR_STORE_FAILED lmdb PATH: 64 steps are kept, and all are still needed; check whether a clock is far ahead',
    ]);
  });
});

describe('a clock that gives no milliseconds', () => {
  it.each([
    ['seconds', 1_700_000_000, /looks like seconds; multiply it by 1000/],
    ['no number', Number.NaN, /must be milliseconds/],
    ['a date', new Date(), /a Date; write date.getTime/],
  ])('opens no store, and takes no token in one: %s', async (_, given, message) => {
    const failure = { code: 'ERR_STORE_FAILED', message: expect.stringMatching(message) };
    nowMs = given as number;
    await expect(guardOn(storeFolder())).rejects.toMatchObject(failure);
    nowMs = STEP * PERIOD_MS;
    const guard = await guardOn(storeFolder());
    nowMs = given as number;
    await expect(guard.remember([mark(1)])).rejects.toMatchObject(failure);
  });
});

describe('the state of the guard', () => {
  it('counts the fullest open step, whichever process has filled it', async () => {
    nowMs = STEP * PERIOD_MS;
    const path = storeFolder();
    const [guard, other] = [await guardOn(path, { clock, capacity: 50 }), await guardOn(path)];
    expect(await guard.state()).toMatchObject({ entries: 0, capacity: 50 });
    await other.remember([...marks(7), ...marks(3, STEP + 1)]);
    expect(await guard.state()).toMatchObject({
      entries: 7,
      bytes: statSync(join(path, 'data.mdb')).size,
    });
    nowMs += 12 * PERIOD_MS;
    expect(await guard.state()).toMatchObject({ entries: 3 });
    nowMs += PERIOD_MS;
    expect(await guard.state()).toMatchObject({ entries: 0 });
    await guard.close();
    await expect(guard.state()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

describe('a store that replaces another', () => {
  it('accepts no token that was good before it was made', async () => {
    nowMs = STEP * PERIOD_MS + 1;
    const path = storeFolder();
    const guard = await guardOn(path, { clock, rejectStepsBefore: 'creation' });
    // Good since one step before their own: this one since STEP + 1.
    expect(await guard.remember([mark(1), mark(1, STEP + 1), mark(1, STEP + 2)])).toEqual([
      'stale',
      'stale',
      'fresh',
    ]);
    await guard.close();
    // It is about the making, not about each opening.
    nowMs += 60_000;
    const again = await guardOn(path, { clock, rejectStepsBefore: 'creation' });
    expect(await again.remember([mark(2, STEP + 2), mark(1, STEP + 2)])).toEqual([
      'fresh',
      'replayed',
    ]);
  });
});

describe('the guard refuses', () => {
  it.each([
    [{ path: '' }, 'path', /write the name of a folder/],
    [{}, 'path', /undefined/],
    [{ path: 'x', capacity: 0 }, 'capacity', /1/],
    [{ path: 'x', rejectStepsBefore: 'start' }, 'rejectStepsBefore', /creation/],
    [{ path: 'x', clock: 7 }, 'clock', /function/],
    [{ path: 'x', size: 7 }, 'options.size', /unknown/],
  ])('the options %j', async (options, field, message) => {
    const failure = createLmdbGuard(options as LmdbGuardOptions);
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_OPTION',
      field,
      message: expect.stringMatching(message),
    });
  });

  it('a file in the place of the folder, and a file that LMDB did not write', async () => {
    const path = storeFolder();
    writeFileSync(path, 'x');
    await expect(createLmdbGuard({ path })).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: expect.stringMatching(/name a folder, not a file/),
    });
    const other = storeFolder();
    mkdirSync(other);
    writeFileSync(join(other, 'data.mdb'), 'no database '.repeat(1000));
    await expect(createLmdbGuard({ path: other })).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: expect.stringMatching(/move the folder away.*rejectStepsBefore/),
    });
  });

  it.runIf(process.platform === 'linux')('a path at which no folder can be made', async () => {
    await expect(createLmdbGuard({ path: '/proc/none/guard' })).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: expect.stringMatching(/^lmdb \/proc\/none\/guard: ENOENT.*name a folder/),
    });
  });

  it('a call after close', async () => {
    const guard = await createLmdbGuard({ path: storeFolder() });
    await guard.close();
    await guard.close();
    await expect(guard.remember([mark(1)])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});
