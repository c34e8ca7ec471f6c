import type { GuardAnswer, ReplayMark } from '../guard.js';

/** The question about one mark of one call. */
export class Question {
  readonly key: string;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
  readonly keepUntilMs: number;
  /** The value that is written under the key. Each attempt on this mark has its own value. */
  readonly attempt: string;
  /** Whether the server may have seen this attempt, so that the value of its key may be ours. */
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

  /** Sets the answer. Only the first answer counts, and later ones are ignored. */
  settle(answer: GuardAnswer): void {
    if (this.#answer !== undefined) return;
    this.#answer = answer;
    this.#onAnswer(this);
  }
}
