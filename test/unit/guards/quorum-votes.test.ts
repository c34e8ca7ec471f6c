/** How many votes a quorum keeps for attempts to come. */
import { expect, it } from 'vitest';
import { createQuorumGuard } from '../../../src/guards/quorum.js';
import type { ReplayGuard, ReplayMark } from '../../../src/index.js';
import { markUntil } from './marks.js';

/** Marks whose votes are kept, as docs/guards.md says. */
const MOST = 65_536;
const markOf = (number: number): ReplayMark =>
  markUntil(`votes${String(number).padStart(11, '0')}`, 58_900_000, 1_770_000_000_000);

it(`a quorum keeps the votes on ${MOST} marks, and drops the oldest beyond`, async () => {
  const asked: (readonly ReplayMark[])[] = [];
  const voting: ReplayGuard = {
    remember: async (marks) => {
      asked.push(marks);
      return marks.map(() => 'fresh' as const);
    },
  };
  const away = () => ({ remember: () => Promise.reject(new Error('away')) });
  const guard = createQuorumGuard([voting, away(), away()]);
  const ask = (...numbers: number[]) => guard.remember(numbers.map(markOf)).catch(() => {});
  await ask(0);
  await ask(...Array.from({ length: MOST - 1 }, (_, i) => i + 1));
  // A vote that is kept is not asked for again.
  await ask(0, MOST - 1);
  expect(asked.map(({ length }) => length)).toEqual([1, MOST - 1]);
  // One more, and the oldest vote is gone: the guard that gave it would say that the mark is known.
  await ask(MOST);
  await ask(0, 2, MOST);
  expect(asked.slice(2)).toEqual([[markOf(MOST)], [markOf(0)]]);
});
