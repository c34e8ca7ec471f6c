import { tell } from '../../errors.js';
import { takeAnswers } from '../../guards/answers.js';
import type { GuardAnswer, ReplayMark } from '../../guards/guard.js';

/** Tells the operator why a guard gave no answer. */
export type GuardErrorListener = (error: unknown) => void;

/** How a guard is asked. */
export interface GuardSettings {
  /** Its `remember`, bound to it. */
  readonly remember: (marks: readonly ReplayMark[]) => unknown;
  /** How long it may take for a call. */
  readonly timeoutMs: number;
  readonly onError: GuardErrorListener | undefined;
}

/**
 * Asks a guard and waits no longer than `timeoutMs`. Whatever it does, there is an answer for each
 * mark, in an array of our own: without one that keeps the contract, `unavailable`. Never rejects.
 *
 * The one promise here and the timer of its own are for speed and for runtimes such as workerd. A
 * race makes four promises. A timer that calls share would belong to one request there, and end
 * with it.
 *
 * @param marks - Frozen, as their array: what the guard does with them changes nothing here.
 */
export function askGuard(
  { remember, timeoutMs, onError }: GuardSettings,
  marks: readonly ReplayMark[],
): Promise<readonly GuardAnswer[]> {
  return new Promise((resolve) => {
    let isAnswered = false;
    const fail = (error: unknown) => {
      if (isAnswered) return;
      isAnswered = true;
      clearTimeout(timer);
      refuse(error);
    };
    const refuse = (error: unknown) => {
      tell(onError, error);
      resolve(marks.map(() => 'unavailable'));
    };
    const take = (given: unknown) => {
      if (isAnswered) return;
      try {
        takeAnswers(given, marks.length, resolve, refuse);
        isAnswered = true;
        clearTimeout(timer);
      } catch (error) {
        fail(error);
      }
    };
    const late = () => fail(new Error(`the replay guard gave no answer within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    try {
      // A promise of another kind may call back at once or several times.
      Promise.resolve(remember(marks)).then(take, fail);
    } catch (error) {
      fail(error);
    }
  });
}
