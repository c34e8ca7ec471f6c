import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../guards/guard.js';

const ANSWERS: readonly unknown[] = ['fresh', 'replayed', 'stale', 'unavailable'] satisfies GuardAnswer[];

/** Tells the operator why a guard gave no answer. */
export type GuardErrorListener = (error: unknown) => void;

/**
 * Asks a guard and waits no longer than `timeoutMs`. Whatever it does, there is an answer for each mark: without one of its
 * own, `unavailable`.
 */
export async function askGuard(
  guard: ReplayGuard,
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
    const answers = await Promise.race([guard.remember(marks), late]);
    if (areAnswers(answers, marks.length)) return answers;
    throw new TypeError(
      `the replay guard must answer each of ${marks.length} marks by ${ANSWERS.join(', ')}`,
    );
  } catch (error) {
    tell(onError, error);
    return marks.map(() => 'unavailable');
  } finally {
    clearTimeout(timer);
  }
}

function areAnswers(answers: unknown, count: number): answers is readonly GuardAnswer[] {
  // Not `every` on the array itself: that passes over holes, and a missing answer would count as a good one.
  return (
    Array.isArray(answers) &&
    answers.length === count &&
    [...answers].every((answer) => ANSWERS.includes(answer))
  );
}

/** A listener that throws must not turn a verdict into an error. */
function tell(listener: GuardErrorListener | undefined, error: unknown): void {
  try {
    listener?.(error);
  } catch {}
}
