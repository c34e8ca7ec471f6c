import { GUARD_CODES, type GuardAnswer, isGuardAnswer } from './guard.js';

/**
 * Reads what a guard answered a call with, once and into an array of our own.
 *
 * @param given - What the guard's promise gave.
 * @param count - How many marks it was asked about.
 * @throws {TypeError} An answer is missing, is not one of `GUARD_CODES`, or is no plain value, such as
 *   a getter; or the array answers another call as well, and does not stay as it is.
 */
export function readAnswers(given: unknown, count: number): Promise<readonly GuardAnswer[]> {
  return new Promise((resolve, reject) => takeAnswers(given, count, resolve, reject));
}

/**
 * Does the same as `readAnswers` without a promise: `take` is called at once if the array is frozen,
 * and a microtask later if not.
 *
 * @param refuse - Called instead of `take` if the array answers another call as well.
 * @throws {TypeError} The rest of what `readAnswers` throws.
 */
export function takeAnswers(
  given: unknown,
  count: number,
  take: (answers: readonly GuardAnswer[]) => void,
  refuse: (error: TypeError) => void,
): void {
  const answers = copyOf(given, count);
  if (Object.isFrozen(given)) {
    take(answers);
    return;
  }
  const isNew = !GivenArray.isOne(given as object);
  if (isNew) new GivenArray(given as object);
  else GivenArray.share(given as object);
  const end = () => (GivenArray.isShared(given as object) ? refuse(notItsOwn()) : take(answers));
  // Calls that are answered in the same turn have read theirs by then.
  if (isNew) void RESOLVED.then(end);
  else end();
}

const RESOLVED = Promise.resolve();

function copyOf(given: unknown, count: number): readonly GuardAnswer[] {
  const answers: GuardAnswer[] = [];
  if (Array.isArray(given) && given.length === count) {
    for (let i = 0; i < count; i++) {
      const answer: unknown = Object.getOwnPropertyDescriptor(given, i)?.value;
      if (isGuardAnswer(answer)) answers.push(answer);
    }
  }
  if (answers.length !== count) {
    throw new TypeError(
      `the replay guard must answer each of ${count} marks by ${Object.keys(GUARD_CODES).join(', ')}`,
    );
  }
  return answers;
}

const notItsOwn = () =>
  new TypeError('the replay guard must answer each call by an array of its own');

/** Its constructor returns the array itself, so that a subclass adds its private field to that. */
class TheArray {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the private field belongs to the array.
    return given;
  }
}

/**
 * Notes that an array has answered a call, and whether it has answered two. The guard may have
 * filled it for the second call before it was read for the first one. An array that cannot change
 * says the same to both.
 *
 * The note is a private field of the array itself, which its guard can neither see nor remove. A
 * `WeakMap` says the same at fifty times the cost.
 */
class GivenArray extends TheArray {
  #isShared = false;

  static isOne(given: object): boolean {
    return #isShared in given;
  }

  static share(given: object): void {
    (given as GivenArray).#isShared = true;
  }

  static isShared(given: object): boolean {
    return (given as GivenArray).#isShared;
  }
}
