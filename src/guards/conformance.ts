import type { GuardAnswer, ReplayGuard, ReplayMark } from './guard.js';

/** One thing that a guard must do. `run` rejects, saying what was wrong, if it does not. */
export interface GuardCase {
  /** What the guard must do, as a sentence for a test's title. */
  readonly name: string;
  /** Rejects, saying what was wrong, if the guard does not do it. */
  run(): Promise<void>;
}

const STEP_MS = 30_000;
const MANY = 2000;

/**
 * What every replay guard must do, for a test runner of your choice. The cases use marks of their own, so they can run
 * against one store, at once, and more than once.
 *
 * @param open - Opens the guard. Each call gives another handle on the same store, as another process would have it.
 *
 * @example
 * for (const { name, run } of guardConformance(() => createRedisGuard({ url }))) test(name, run);
 */
export function guardConformance(open: () => ReplayGuard | Promise<ReplayGuard>): readonly GuardCase[] {
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
        const next = { ...first, step: first.step + 1, expiresAtMs: first.expiresAtMs + STEP_MS };
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
        const marks = [...ids, `${ids[0]?.slice(0, 15)}+`, `${ids[0]?.slice(0, 15)}/`].map((id) => mark(id));
        expectAnswers(await guard.remember(marks), fill(marks.length, 'fresh'));
        expectAnswers(await guard.remember(marks), fill(marks.length, 'replayed'));
      }),
    },
    {
      name: 'of fifty calls at once exactly one is told fresh',
      run: using(async (guard) => {
        const marks = [mark(), mark()];
        const answers = await Promise.all(Array.from({ length: 50 }, () => guard.remember(marks)));
        for (const i of marks.keys()) expectOneFresh(answers.map((answer) => answer[i]));
      }),
    },
    {
      name: 'of fifty calls through two handles exactly one is told fresh',
      run: using((guard) =>
        using(async (other) => {
          const marks = [mark(), mark()];
          const calls = Array.from({ length: 50 }, (_, i) => (i % 2 ? guard : other).remember(marks));
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
        const expired = { ...mark(), step: stepNow() - 10, expiresAtMs: Date.now() - 8 * STEP_MS };
        const [answer] = await guard.remember([expired]);
        if (answer === 'fresh') throw new Error('a mark that has expired is fresh');
      }),
    },
    {
      name: 'the marks are left as they were',
      run: using(async (guard) => {
        const marks = Object.freeze([mark(), mark(), mark()].map((mark) => Object.freeze(mark)));
        expectAnswers(await guard.remember(marks), ['fresh', 'fresh', 'fresh']);
      }),
    },
    {
      name: 'after close, nothing is fresh',
      run: async () => {
        const guard = await open();
        if (guard.close === undefined) return;
        await guard.close();
        const answers = await guard.remember([mark()]).catch((): readonly GuardAnswer[] => []);
        if (answers.includes('fresh')) throw new Error('a mark is fresh for a guard that was closed');
      },
    },
  ];
}

const stepNow = () => Math.floor(Date.now() / STEP_MS);

/** A mark of this moment that nobody has used. */
function mark(id = randomId()): ReplayMark {
  const step = stepNow();
  return { id, step, expiresAtMs: (step + 2) * STEP_MS };
}

/** 96 random bits in base64. */
function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
}

const fill = (count: number, answer: GuardAnswer): GuardAnswer[] => Array(count).fill(answer);

function expectAnswers(answers: readonly unknown[], expected: readonly GuardAnswer[]): void {
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
