import { type GuardAnswer, keepUntil, type ReplayMark } from '../guard.js';

/** A test case for one duty of a guard. */
export interface GuardCase {
  /** The duty as a sentence, for the title of a test. */
  readonly name: string;
  /** Rejects with a message about the fault if the guard fails. */
  run(): Promise<void>;
}

export const STEP_MS = 30_000;

export const stepNow = () => Math.floor(Date.now() / STEP_MS);

/** A mark of the present step that nobody has used. */
export const mark = (id = randomId()): ReplayMark => markOf(stepNow(), { id });

/** A mark like that of a verifier with this window. */
export function markOf(
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

export const byId = (a: ReplayMark, b: ReplayMark): number => (a.id < b.id ? -1 : 1);

/** 96 random bits in base64. */
export function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
}

export const fill = (count: number, answer: GuardAnswer): GuardAnswer[] =>
  Array(count).fill(answer);

export function expectAnswers(answers: readonly unknown[], expected: readonly GuardAnswer[]): void {
  if (!Array.isArray(answers)) throw new Error('the answers are not an array');
  if (answers.length !== expected.length) {
    throw new Error(`${answers.length} answers to ${expected.length} marks`);
  }
  for (const [i, answer] of answers.entries()) {
    if (answer !== expected[i])
      throw new Error(`mark ${i} of ${expected.length}: ${expected[i]} expected, got ${answer}`);
  }
}

export function expectOneFresh(answers: readonly unknown[]): void {
  const fresh = answers.filter((answer) => answer === 'fresh').length;
  const replayed = answers.filter((answer) => answer === 'replayed').length;
  if (fresh !== 1 || fresh + replayed !== answers.length) {
    throw new Error(
      `one fresh and the others replayed expected, got ${fresh} and ${replayed} of ${answers.length}`,
    );
  }
}
