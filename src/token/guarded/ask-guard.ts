import { tell } from '../../errors.js';
import {
  GUARD_CODES,
  type GuardAnswer,
  isGuardAnswer,
  type ReplayMark,
} from '../../guards/guard.js';

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
    const answers = readAnswers(given, marks.length);
    await isOfOneCall(given as object);
    return answers;
  } catch (error) {
    tell(onError, error);
    return marks.map(() => 'unavailable');
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Reads each answer once. @throws {TypeError} One is missing, is none, or is not simply there, as
 * behind a getter.
 */
function readAnswers(given: unknown, count: number): GuardAnswer[] {
  const answers: unknown[] = [];
  if (Array.isArray(given) && given.length === count) {
    for (let i = 0; i < count; i++) answers.push(Object.getOwnPropertyDescriptor(given, i)?.value);
  }
  if (answers.length === count && answers.every(isGuardAnswer)) return answers;
  throw new TypeError(
    `the replay guard must answer each of ${count} marks by ${Object.keys(GUARD_CODES).join(', ')}`,
  );
}

/** Arrays that guards have answered with, each with whether a second call got it too. */
const seen = new WeakMap<object, { isShared: boolean }>();

/**
 * Refuses an array that answers two calls: the guard may have filled it for the other one before it
 * was read here. One that cannot change says the same to both.
 *
 * @throws {TypeError}
 */
async function isOfOneCall(given: object): Promise<void> {
  if (Object.isFrozen(given)) return;
  const other = seen.get(given);
  const entry = other ?? { isShared: false };
  seen.set(given, entry);
  if (other !== undefined) entry.isShared = true;
  // Calls that are answered in the same turn have read theirs by then.
  else await Promise.resolve();
  if (entry.isShared)
    throw new TypeError('the replay guard must answer each call by an array of its own');
}
