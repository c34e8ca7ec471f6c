/** The table that the leader remembers marks in: full, old, early and expired ones. */
import { describe, expect, it } from 'vitest';
import type { GuardAnswer, ReplayMark } from '../../../../../src/index.js';
import {
  ANSWERS,
  FrameReader,
  FrameWriter,
  KIND,
  PackedMarks,
} from '../../../../../src/server/cluster/guard/frames.js';
import { GuardTable } from '../../../../../src/server/cluster/guard/table.js';
import { markOf, PERIOD_MS } from '../../../guards/marks.js';

const STEP = 60_000_000;
/** In the middle of the step. */
const NOW_MS = (STEP + 0.5) * PERIOD_MS;
const WINDOW = { past: 1, future: 1 };

async function tableAt(
  clock: () => number,
  { capacity = 1000, rejectStepsBefore = 'none' as 'start' | 'none', window = WINDOW } = {},
) {
  const table = await GuardTable.open({ capacity, window, rejectStepsBefore, clock }, 30);
  return {
    state: () => table.state(),
    ask: (...marks: ReplayMark[]): GuardAnswer[] => {
      const answers = new Uint8Array(marks.length).fill(ANSWERS.indexOf('unavailable'));
      table.remember(packed(marks), answers);
      return [...answers].map((answer) => ANSWERS[answer]!);
    },
  };
}

/** Marks as they come out of a frame. */
function packed(marks: readonly ReplayMark[]): PackedMarks {
  const writer = new FrameWriter();
  writer.begin(KIND.remember, 1);
  writer.addMarks(marks);
  let found: PackedMarks | undefined;
  new FrameReader((_kind, _number, body) => {
    found = new PackedMarks(body);
  }).push(writer.take());
  return found!;
}

// Where two differ is among the first 64 bits, by which the table knows a mark.
const mark = (number: number, step = STEP, periodMs = PERIOD_MS) =>
  markOf(`${String(number).padStart(10, '0')}abcdef`, step, { periodMs });

describe('the table of the leader', () => {
  it('says unavailable of a step that is full, still knows its marks, and has room in the next', async () => {
    const { ask, state } = await tableAt(() => NOW_MS, { capacity: 3 });
    expect(ask(mark(1), mark(2), mark(3), mark(4))).toEqual([
      'fresh',
      'fresh',
      'fresh',
      'unavailable',
    ]);
    expect(ask(mark(2), mark(4), mark(4, STEP + 1))).toEqual(['replayed', 'unavailable', 'fresh']);
    expect(state()).toMatchObject({ entries: 3, capacity: 3 });
  });

  it('says stale of a step that it has forgotten, however the clock goes', async () => {
    let nowMs = NOW_MS;
    const { ask } = await tableAt(() => nowMs);
    expect(ask(mark(1))).toEqual(['fresh']);
    nowMs += 3 * PERIOD_MS;
    expect(ask(mark(2, STEP + 3))).toEqual(['fresh']);
    expect(ask(mark(1))).toEqual(['stale']);
    nowMs = NOW_MS;
    expect(ask(mark(1), mark(5))).toEqual(['stale', 'stale']);
  });

  it('says stale of a mark that has expired by its own clock', async () => {
    let nowMs = NOW_MS;
    const { ask } = await tableAt(() => nowMs);
    nowMs = (STEP + 2) * PERIOD_MS;
    expect(ask(mark(1))).toEqual(['stale']);
    nowMs -= 1;
    expect(ask(mark(1))).toEqual(['fresh']);
  });

  it("with 'start' says stale of what an earlier leader may have accepted, at each period", async () => {
    let nowMs = NOW_MS;
    const { ask } = await tableAt(() => nowMs, { rejectStepsBefore: 'start' });
    const minutes = 2 * PERIOD_MS;
    nowMs += PERIOD_MS;
    expect(ask(mark(1, STEP), mark(1, STEP + 1), mark(1, STEP + 2))).toEqual([
      'stale',
      'stale',
      'fresh',
    ]);
    expect(ask(mark(1, STEP / 2 + 1, minutes), mark(1, STEP / 2 + 2, minutes))).toEqual([
      'stale',
      'fresh',
    ]);
  });

  it('answers marks of steps far apart in one frame, each in its place', async () => {
    const { ask } = await tableAt(() => NOW_MS, { window: { past: 10, future: 10 } });
    const far = mark(1, STEP + 90);
    expect(ask(mark(1), far, mark(2), mark(1), far)).toEqual([
      'fresh',
      'fresh',
      // The far one has taken the place of this step or not: it is never fresh again.
      expect.stringMatching(/^(?:fresh|stale)$/),
      expect.stringMatching(/^(?:replayed|stale)$/),
      'replayed',
    ]);
  });

  it('has no more than eight periods: marks of others are unavailable', async () => {
    const { ask } = await tableAt(() => NOW_MS);
    const seconds = Array.from({ length: 9 }, (_, i) => (31 + i) * 1000);
    const marks = seconds.map((periodMs) => mark(1, Math.floor(NOW_MS / periodMs), periodMs));
    expect(ask(...marks)).toEqual([...Array(7).fill('fresh'), 'unavailable', 'unavailable']);
    expect(ask(mark(1))).toEqual(['fresh']);
  });

  it('refuses a capacity that no memory has room for', async () => {
    await expect(tableAt(() => NOW_MS, { capacity: 1_000_000_000 })).rejects.toThrow(
      /no memory for a guard of 1000000000 tokens a step; lower guard.capacity/,
    );
  });
});
