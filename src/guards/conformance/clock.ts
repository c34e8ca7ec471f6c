import type { ReplayGuard } from '../guard.js';
import { expectAnswers, type GuardCase, mark, markOf, STEP_MS, stepNow } from './marks.js';

/** A new store for one case, with a clock that the case can move. */
export interface ClockedStore {
  /** As `open` of `guardConformance`. */
  open(): ReplayGuard | Promise<ReplayGuard>;
  /** Moves the clock of the store by `byMs` milliseconds, backwards if negative. */
  moveClock(byMs: number): void | Promise<void>;
}

/** A number of steps that is larger than any window. */
const FAR = 120;

/** Returns test cases for a store whose clock jumps while the verifier's clock does not. */
export function clockCases(
  withClock: () => ClockedStore | Promise<ClockedStore>,
): readonly GuardCase[] {
  const using =
    (
      body: (
        guard: ReplayGuard,
        moveClock: (byMs: number) => void | Promise<void>,
      ) => Promise<void>,
    ) =>
    async () => {
      const store = await withClock();
      const guard = await store.open();
      try {
        await body(guard, (byMs) => store.moveClock(byMs));
      } finally {
        await guard.close?.();
      }
    };
  return [
    {
      name: 'a known mark is never fresh again when the clock of its store jumps ahead and back',
      run: using(async (guard, moveClock) => {
        const known = mark();
        expectAnswers(await guard.remember([known]), ['fresh']);
        await moveClock(FAR * STEP_MS);
        // A store may drop marks when a step begins.
        await guard.remember([known, markOf(stepNow() + FAR)]);
        const [ahead] = await guard.remember([known]);
        await moveClock(-FAR * STEP_MS);
        const [afterwards] = await guard.remember([known]);
        if (ahead === 'fresh') throw new Error('a known mark is fresh while the clock is ahead');
        if (afterwards === 'fresh')
          throw new Error('a known mark is fresh once the clock is right again');
      }),
    },
    {
      name: 'a mark is not fresh if it has expired by the clock of its store',
      run: using(async (guard, moveClock) => {
        const late = mark();
        await moveClock(FAR * STEP_MS);
        const [answer] = await guard.remember([late]);
        if (answer === 'fresh')
          throw new Error('a mark is fresh that has expired by the clock of the store');
        await moveClock(-FAR * STEP_MS);
        const again = [await guard.remember([late]), await guard.remember([late])];
        if (again.flat().filter((answer) => answer === 'fresh').length > 1)
          throw new Error('a mark is fresh twice once the clock of the store is right again');
      }),
    },
    {
      name: 'a known mark is still replayed when the clock of its store is set back by a second',
      run: using(async (guard, moveClock) => {
        const known = mark();
        expectAnswers(await guard.remember([known]), ['fresh']);
        await moveClock(-1000);
        expectAnswers(await guard.remember([known]), ['replayed']);
      }),
    },
  ];
}
