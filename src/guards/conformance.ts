import { type GuardAnswer, keepUntil, type ReplayGuard, type ReplayMark } from './guard.js';

/** One thing that a guard must do. `run` rejects, saying what was wrong, if it does not. */
export interface GuardCase {
  /** What the guard must do, as a sentence for a test's title. */
  readonly name: string;
  /** Rejects, saying what was wrong, if the guard does not do it. */
  run(): Promise<void>;
}

const STEP_MS = 30_000;
const MANY = 2000;
/** How long a mark is good that a case waits for, in milliseconds. */
const SHORT_MS = 300;

/**
 * What every replay guard must do, for a test runner of your choice. The cases use marks of their
 * own, so they can run against one store, at once, and more than once.
 *
 * @param open - Opens the guard. Each call gives another handle on the same store, as another
 *   process would have it.
 *
 * @example
 * for (const { name, run } of guardConformance(() => createRedisGuard({ url }))) test(name, run);
 */
export function guardConformance(
  open: () => ReplayGuard | Promise<ReplayGuard>,
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
      name: 'a mark is fresh once, and replayed from then on',
      run: using(async (guard) => {
        const marks = [mark()];
        expectAnswers(await guard.remember(marks), ['fresh']);
        expectAnswers(await guard.remember(marks), ['replayed']);
        expectAnswers(await guard.remember(marks), ['replayed']);
      }),
    },
    {
      name: `${MANY} marks in one call are answered each, in order`,
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
      name: 'ids differ by case, by + and /, and by their last character',
      run: using(async (guard) => {
        // Not by chance one of the characters that it is to differ by.
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
      name: 'exactly one of fifty calls at once is answered fresh',
      run: using(async (guard) => {
        const marks = [mark(), mark()];
        const answers = await Promise.all(Array.from({ length: 50 }, () => guard.remember(marks)));
        for (const i of marks.keys()) expectOneFresh(answers.map((answer) => answer[i]));
      }),
    },
    {
      name: 'exactly one of fifty calls through two handles is answered fresh',
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
      name: 'what one handle remembers outlives it',
      run: async () => {
        const marks = [mark()];
        await using(async (guard) => expectAnswers(await guard.remember(marks), ['fresh']))();
        await using(async (guard) => expectAnswers(await guard.remember(marks), ['replayed']))();
      },
    },
    {
      name: 'a mark that has expired is never fresh',
      run: using(async (guard) => {
        const expired = markOf(stepNow() - 10);
        const [answer] = await guard.remember([expired]);
        if (answer === 'fresh') throw new Error('a mark that has expired is fresh');
      }),
    },
    {
      name: 'a mark that will be over in a moment is replayed until then',
      run: using(async (guard) => {
        const known = { ...mark(), expiresAtMs: Date.now() + STEP_MS };
        expectAnswers(await guard.remember([known]), ['fresh']);
        expectAnswers(await guard.remember([known]), ['replayed']);
      }),
    },
    {
      name: 'verifiers with unlike windows know the same marks, whoever comes first',
      run: using(async (guard) => {
        // Over already for a window that ends sooner, and good for the widest.
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
      name: 'a period that changes locks nobody out: steps of other lengths are remembered beside each other',
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
      name: 'a mark that does not say until when it counts is unavailable',
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
      name: 'a mark that stands twice in one call is fresh once at most',
      run: using(async (guard) => {
        const twice = mark();
        const answers = await guard.remember([twice, mark(), twice]);
        if (answers[0] === 'fresh' && answers[2] === 'fresh')
          throw new Error('one mark is fresh twice');
      }),
    },
    {
      name: 'a call without marks is answered without answers',
      run: using(async (guard) => {
        expectAnswers(await guard.remember([]), []);
      }),
    },
    {
      name: 'the marks are left as they were, in their order',
      run: using(async (guard) => {
        const frozen = Object.freeze([mark(), mark(), mark()].map((mark) => Object.freeze(mark)));
        expectAnswers(await guard.remember(frozen), ['fresh', 'fresh', 'fresh']);
        // A list that could be changed, in no order.
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
      name: 'marks that change once the call was made change nothing',
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
      name: 'an answer stands: its array is not used again, nor changed after the call',
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
      name: 'a mark is replayed until it is over and not a moment less, and never fresh again',
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
      name: 'a call that is answered late counts: one of two calls is answered fresh',
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
      name: 'a call that is under way when its handle is closed ends, and uses its mark once at most',
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
      name: 'after close, nothing is fresh',
      run: async () => {
        const guard = await open();
        if (guard.close === undefined) return;
        await guard.close();
        const answers = await guard.remember([mark()]).catch((): readonly GuardAnswer[] => []);
        if (answers.includes('fresh'))
          throw new Error('a mark is fresh for a guard that was closed');
      },
    },
  ];
}

const stepNow = () => Math.floor(Date.now() / STEP_MS);

/** A mark of this moment that nobody has used. */
const mark = (id = randomId()): ReplayMark => markOf(stepNow(), { id });

/** A mark as a verifier with this window makes it. */
function markOf(
  step: number,
  { id = randomId(), periodMs = STEP_MS, past = 1, future = 1 } = {},
): ReplayMark {
  return {
    id,
    step,
    startsAtMs: (step - future) * periodMs,
    expiresAtMs: (step + past + 1) * periodMs,
    keepUntilMs: keepUntil(step, periodMs),
  };
}

const byId = (a: ReplayMark, b: ReplayMark): number => (a.id < b.id ? -1 : 1);

/** 96 random bits in base64. */
function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
}

const fill = (count: number, answer: GuardAnswer): GuardAnswer[] => Array(count).fill(answer);

function expectAnswers(answers: readonly unknown[], expected: readonly GuardAnswer[]): void {
  if (!Array.isArray(answers)) throw new Error('the answers are no array');
  if (answers.length !== expected.length) {
    throw new Error(`${answers.length} answers to ${expected.length} marks`);
  }
  for (const [i, answer] of answers.entries()) {
    if (answer !== expected[i])
      throw new Error(`mark ${i} of ${expected.length}: ${expected[i]} expected, got ${answer}`);
  }
}

function expectOneFresh(answers: readonly unknown[]): void {
  const fresh = answers.filter((answer) => answer === 'fresh').length;
  const replayed = answers.filter((answer) => answer === 'replayed').length;
  if (fresh !== 1 || fresh + replayed !== answers.length) {
    throw new Error(
      `one fresh and the others replayed expected, got ${fresh} and ${replayed} of ${answers.length}`,
    );
  }
}
