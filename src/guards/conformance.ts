import { type ClockedStore, clockCases } from './conformance/clock.js';
import {
  byId,
  expectAnswers,
  expectOneFresh,
  fill,
  type GuardCase,
  mark,
  markOf,
  randomId,
  STEP_MS,
  stepNow,
} from './conformance/marks.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from './guard.js';

export type { ClockedStore } from './conformance/clock.js';
export type { GuardCase } from './conformance/marks.js';

const MANY = 2000;
/** Lifetime of a mark whose end a case waits for, in milliseconds. */
const SHORT_MS = 300;

/** Options for the tests of a guard. */
export interface ConformanceOptions {
  /**
   * Makes a new store for one case, with a clock that the case can move. Default: cases about a
   * clock that jumps are left out.
   */
  readonly withClock?: () => ClockedStore | Promise<ClockedStore>;
}

/**
 * Returns test cases for the duties of every replay guard, for a test runner of your choice. Each
 * case uses its own marks, so the cases can run against one store, at the same time, and
 * repeatedly.
 *
 * @param open - Opens the guard. Each call returns a new handle on the same store, like the handle
 *   of another process.
 *
 * @example
 * for (const { name, run } of guardConformance(() => createRedisGuard({ url }))) test(name, run);
 */
export function guardConformance(
  open: () => ReplayGuard | Promise<ReplayGuard>,
  { withClock }: ConformanceOptions = {},
): readonly GuardCase[] {
  const using = (body: (guard: ReplayGuard) => Promise<void>) => async () => {
    const guard = await open();
    try {
      await body(guard);
    } finally {
      await guard.close?.();
    }
  };
  return [
    {
      name: 'a mark is fresh once, then replayed',
      run: using(async (guard) => {
        const marks = [mark()];
        expectAnswers(await guard.remember(marks), ['fresh']);
        expectAnswers(await guard.remember(marks), ['replayed']);
        expectAnswers(await guard.remember(marks), ['replayed']);
      }),
    },
    {
      name: `${MANY} marks in one call get ${MANY} answers, in order`,
      run: using(async (guard) => {
        const marks = Array.from({ length: MANY }, () => mark());
        const known = marks.filter((_, i) => i % 3 === 0);
        expectAnswers(await guard.remember(known), fill(known.length, 'fresh'));
        const expected = marks.map((_, i) => (i % 3 === 0 ? 'replayed' : 'fresh'));
        expectAnswers(await guard.remember(marks), expected);
        expectAnswers(await guard.remember([...marks].reverse()), fill(MANY, 'replayed'));
      }),
    },
    {
      name: 'the same id at another step is another mark',
      run: using(async (guard) => {
        const first = mark();
        const next = markOf(first.step + 1, { id: first.id });
        expectAnswers(await guard.remember([first]), ['fresh']);
        expectAnswers(await guard.remember([next]), ['fresh']);
        expectAnswers(await guard.remember([first, next]), ['replayed', 'replayed']);
      }),
    },
    {
      name: 'ids that differ in one character are different marks, also by case, + or /',
      run: using(async (guard) => {
        // Ends in x, so that it cannot end in one of the characters that the ids below differ by.
        const end = `${randomId().slice(0, 13)}x`;
        const ids = ['aa', 'aA', 'AA', '+A', '/A', '+/', '/+', '//'].map((start) => start + end);
        const marks = [...ids, `${ids[0]?.slice(0, 15)}+`, `${ids[0]?.slice(0, 15)}/`].map((id) =>
          mark(id),
        );
        expectAnswers(await guard.remember(marks), fill(marks.length, 'fresh'));
        expectAnswers(await guard.remember(marks), fill(marks.length, 'replayed'));
      }),
    },
    {
      name: 'of fifty calls at once, one gets fresh and the others get replayed',
      run: using(async (guard) => {
        const marks = [mark(), mark()];
        const answers = await Promise.all(Array.from({ length: 50 }, () => guard.remember(marks)));
        for (const i of marks.keys()) expectOneFresh(answers.map((answer) => answer[i]));
      }),
    },
    {
      name: 'of fifty calls through two handles, one gets fresh and the others get replayed',
      run: using((guard) =>
        using(async (other) => {
          const marks = [mark(), mark()];
          const calls = Array.from({ length: 50 }, (_, i) =>
            (i % 2 ? guard : other).remember(marks),
          );
          const answers = await Promise.all(calls);
          for (const i of marks.keys()) expectOneFresh(answers.map((answer) => answer[i]));
        })(),
      ),
    },
    {
      name: 'a mark stays known after its handle is closed',
      run: async () => {
        const marks = [mark()];
        await using(async (guard) => expectAnswers(await guard.remember(marks), ['fresh']))();
        await using(async (guard) => expectAnswers(await guard.remember(marks), ['replayed']))();
      },
    },
    {
      name: 'an expired mark is never fresh',
      run: using(async (guard) => {
        const expired = markOf(stepNow() - 10);
        const [answer] = await guard.remember([expired]);
        if (answer === 'fresh') throw new Error('a mark that has expired is fresh');
      }),
    },
    {
      name: 'a known mark that expires soon is still replayed',
      run: using(async (guard) => {
        const known = { ...mark(), expiresAtMs: Date.now() + STEP_MS };
        expectAnswers(await guard.remember([known]), ['fresh']);
        expectAnswers(await guard.remember([known]), ['replayed']);
      }),
    },
    {
      name: 'verifiers with different windows share their marks',
      run: using(async (guard) => {
        // The step is over for a narrow window, and valid for the widest one.
        const step = stepNow() - 5;
        const [narrow, wide] = [
          { past: 5, future: 0 },
          { past: 10, future: 10 },
        ];
        const [first, second] = [randomId(), randomId()];
        const askers = [
          markOf(step, { id: first, ...narrow }),
          markOf(step, { id: second, ...wide }),
        ];
        expectAnswers(await guard.remember(askers), ['fresh', 'fresh']);
        const others = [
          markOf(step, { id: first, ...wide }),
          markOf(step, { id: second, ...narrow }),
        ];
        expectAnswers(await guard.remember(others), ['replayed', 'replayed']);
      }),
    },
    {
      name: 'marks of different periods are kept side by side, so a new period locks nobody out',
      run: using(async (guard) => {
        const periods = [30_000, 60_000, 20_000, 45_000, 30_000];
        const marks = periods.map((periodMs) =>
          markOf(Math.floor(Date.now() / periodMs), { periodMs }),
        );
        for (const each of marks) expectAnswers(await guard.remember([each]), ['fresh']);
        expectAnswers(await guard.remember(marks), fill(marks.length, 'replayed'));
      }),
    },
    {
      name: 'a mark without valid times is unavailable',
      run: using(async (guard) => {
        const known = mark();
        const wrong = [
          ...[undefined, Number.NaN, Number.POSITIVE_INFINITY].map((keepUntilMs) => ({
            ...mark(),
            keepUntilMs,
          })),
          { ...mark(), keepUntilMs: known.expiresAtMs - 1 },
          { ...mark(), startsAtMs: undefined },
        ] as ReplayMark[];
        for (const each of wrong) {
          const [answer] = await guard.remember([each]).catch(() => ['unavailable'] as const);
          if (answer !== 'unavailable') throw new Error(`unavailable expected, got ${answer}`);
        }
      }),
    },
    {
      name: 'a mark that occurs twice in one call is fresh at most once',
      run: using(async (guard) => {
        const twice = mark();
        const answers = await guard.remember([twice, mark(), twice]);
        if (answers[0] === 'fresh' && answers[2] === 'fresh')
          throw new Error('one mark is fresh twice');
      }),
    },
    {
      name: 'a call without marks gets no answers',
      run: using(async (guard) => {
        expectAnswers(await guard.remember([]), []);
      }),
    },
    {
      name: 'a call leaves its marks unchanged and in order',
      run: using(async (guard) => {
        const frozen = Object.freeze([mark(), mark(), mark()].map((mark) => Object.freeze(mark)));
        expectAnswers(await guard.remember(frozen), ['fresh', 'fresh', 'fresh']);
        // A list that could be changed, in random order.
        const marks = ['zz', 'aa', 'ZZ', '//', 'mm'].map((start) =>
          mark(start + randomId().slice(2)),
        );
        const before = marks.map((each) => ({ each, copy: JSON.stringify(each) }));
        const answers = guard.remember(marks);
        const areLeft = () =>
          marks.length === before.length &&
          before.every(({ each, copy }, i) => marks[i] === each && JSON.stringify(each) === copy);
        if (!areLeft()) throw new Error('the marks were changed by the call');
        expectAnswers(await answers, fill(marks.length, 'fresh'));
        if (!areLeft()) throw new Error('the marks were changed while the call was answered');
        expectAnswers(await guard.remember([...marks].sort(byId)), fill(marks.length, 'replayed'));
        if (!areLeft()) throw new Error('the marks were changed after the call');
      }),
    },
    {
      name: 'changing the marks after the call has no effect',
      run: using(async (guard) => {
        const [used, other] = [mark(), mark()];
        const given = [{ ...used }];
        const answers = guard.remember(given);
        Object.assign(given[0] as ReplayMark, other);
        given.length = 0;
        expectAnswers(await answers, ['fresh']);
        expectAnswers(await guard.remember([used, other]), ['replayed', 'fresh']);
      }),
    },
    {
      name: 'an array of answers is never changed or used again',
      run: using(async (guard) => {
        const [used, other] = [mark(), mark()];
        const first = await guard.remember([used, other]);
        const copy = [...first];
        const second = await guard.remember([used]);
        const both = await Promise.all([guard.remember([used]), guard.remember([mark(), mark()])]);
        expectAnswers(first, ['fresh', 'fresh']);
        expectAnswers(copy, ['fresh', 'fresh']);
        expectAnswers(second, ['replayed']);
        expectAnswers(both[0], ['replayed']);
        expectAnswers(both[1], ['fresh', 'fresh']);
        if (new Set([first, second, ...both]).size < 4)
          throw new Error('an array of answers is used again');
      }),
    },
    {
      name: 'a known mark is replayed until it expires, and never fresh again',
      run: using(async (guard) => {
        const known = { ...mark(), expiresAtMs: Date.now() + SHORT_MS };
        await guard.remember([known]);
        for (let asked = 0, isOver = false; !isOver || asked < 3; asked++) {
          const [answer] = await guard.remember([known]);
          isOver = Date.now() >= known.expiresAtMs;
          const isWrong = answer === 'fresh' || (answer === 'stale' && !isOver);
          if (isWrong) throw new Error(`a mark is ${answer} that was known`);
        }
      }),
    },
    {
      name: 'of several calls, one gets fresh, even if the first is answered last',
      run: using((guard) =>
        using(async (other) => {
          const marks = [mark()];
          const late = guard.remember(marks);
          const answers = [await other.remember(marks), await other.remember(marks), await late];
          expectOneFresh(answers.map(([answer]) => answer));
        })(),
      ),
    },
    {
      name: 'a call under way when its handle is closed ends, and its mark is fresh at most once',
      run: async () => {
        const marks = [mark()];
        const guard = await open();
        const underWay = guard.remember(marks).catch((): readonly GuardAnswer[] => []);
        await guard.close?.();
        const answers = await underWay;
        await using(async (other) => {
          const [later] = await other.remember(marks);
          if (answers[0] === 'fresh' && later === 'fresh')
            throw new Error('a mark is fresh for a call that was under way, and for a later one');
        })();
      },
    },
    {
      name: 'a closed handle never answers fresh',
      run: async () => {
        const guard = await open();
        if (guard.close === undefined) return;
        await guard.close();
        const answers = await guard.remember([mark()]).catch((): readonly GuardAnswer[] => []);
        if (answers.includes('fresh'))
          throw new Error('a mark is fresh for a guard that was closed');
      },
    },
    ...(withClock === undefined ? [] : clockCases(withClock)),
  ];
}
