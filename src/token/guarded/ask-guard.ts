import { tell } from '../../errors.js';
import { readAnswers } from '../../guards/answers.js';
import type { GuardAnswer, ReplayMark } from '../../guards/guard.js';

/** Tells the operator why a guard gave no answer. */
export type GuardErrorListener = (error: unknown) => void;

/** How a guard is asked: its `remember`, bound to it. */
export type Remember = (marks: readonly ReplayMark[]) => unknown;

/**
 * Asks a guard and waits no longer than `timeoutMs`. Whatever it does, there is an answer for each
 * mark, in an array of our own: without one that keeps the contract, `unavailable`.
 *
 * @param marks - The guard gets frozen copies: what it does with them changes nothing here.
 */
export async function askGuard(
  remember: Remember,
  marks: readonly ReplayMark[],
  timeoutMs: number,
  onError: GuardErrorListener | undefined,
): Promise<readonly GuardAnswer[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the replay guard gave no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    const copies = Object.freeze(marks.map((mark) => Object.freeze({ ...mark })));
    const given = await Promise.race([remember(copies), late]);
    return await readAnswers(given, marks.length);
  } catch (error) {
    tell(onError, error);
    return marks.map(() => 'unavailable');
  } finally {
    clearTimeout(timer);
  }
}
