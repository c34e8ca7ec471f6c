import { tell } from '../../errors.js';
import { takeAnswers } from '../../guards/answers.js';
import type { GuardAnswer, ReplayMark } from '../../guards/guard.js';

/** Called with the reason why a guard gave no answer. */
export type GuardErrorListener = (error: unknown) => void;

/** The guard, and the limits of a question to it. */
export interface GuardSettings {
  /** The guard's `remember`, bound to it. */
  readonly remember: (marks: readonly ReplayMark[]) => unknown;
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly onError: GuardErrorListener | undefined;
}

/**
 * Asks a guard and waits at most `timeoutMs`. Never rejects. Returns one answer for each mark, in a
 * new array. All are `unavailable` if the guard breaks its contract.
 *
 * This code makes one promise for speed. `Promise.race` would make four. Each call has its own
 * timer, because in workerd a shared timer would belong to one request and end with it.
 *
 * @param marks - Frozen marks in a frozen array, so that the guard cannot change them.
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
      // A foreign promise may call back at once, or several times.
      Promise.resolve(remember(marks)).then(take, fail);
    } catch (error) {
      fail(error);
    }
  });
}
