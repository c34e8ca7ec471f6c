import type { GuardAnswer, ReplayMark } from '../guard.js';

/** One mark of one call, on its way to an answer. */
export class Question {
  readonly key: string;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
  readonly keepUntilMs: number;
  /** The value that is written under the key. Each attempt on this mark has a value of its own. */
  readonly attempt: string;
  /** Whether the server may have seen this attempt, so that what it holds may be ours. */
  mayBeKnown: boolean;
  /** Why there is no answer yet. */
  reason: unknown;
  #answer: GuardAnswer | undefined;
  readonly #onAnswer: (question: Question) => void;

  constructor(
    key: string,
    { startsAtMs, expiresAtMs, keepUntilMs }: ReplayMark,
    attempt: { readonly value: string; readonly mayBeKnown: boolean },
    onAnswer: (question: Question) => void,
  ) {
    this.key = key;
    this.startsAtMs = startsAtMs;
    this.expiresAtMs = expiresAtMs;
    this.keepUntilMs = keepUntilMs;
    this.attempt = attempt.value;
    this.mayBeKnown = attempt.mayBeKnown;
    this.#onAnswer = onAnswer;
  }

  get answer(): GuardAnswer | undefined {
    return this.#answer;
  }

  /** The first answer stands: what comes later has been promised to nobody. */
  settle(answer: GuardAnswer): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#onAnswer(this);
  }
}
