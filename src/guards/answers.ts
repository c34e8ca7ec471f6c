import { GUARD_CODES, type GuardAnswer, isGuardAnswer } from './guard.js';

/**
 * Reads what a guard answered a call with, once and into an array of our own.
 *
 * @param given - What the guard's promise gave.
 * @param count - How many marks it was asked about.
 * @throws {TypeError} An answer is missing, is not one of `GUARD_CODES`, or is no plain value, such as
 *   a getter; or the array answers another call as well, and does not stay as it is.
 */
export async function readAnswers(given: unknown, count: number): Promise<readonly GuardAnswer[]> {
  const answers: unknown[] = [];
  if (Array.isArray(given) && given.length === count) {
    for (let i = 0; i < count; i++) answers.push(Object.getOwnPropertyDescriptor(given, i)?.value);
  }
  if (answers.length !== count || !answers.every(isGuardAnswer)) {
    throw new TypeError(
      `the replay guard must answer each of ${count} marks by ${Object.keys(GUARD_CODES).join(', ')}`,
    );
  }
  await isOfOneCall(given as object);
  return answers;
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
