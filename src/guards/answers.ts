import { GUARD_CODES, type GuardAnswer, isGuardAnswer } from './guard.js';

/**
 * Reads a guard's answers to a call once, and copies them into a new array.
 *
 * @param given - The value of the guard's promise.
 * @param count - How many marks the guard was asked about.
 * @throws {TypeError} An answer is missing, is not one of `GUARD_CODES`, or is not a plain value
 *   but, for example, a getter. Or the array can change and was also used to answer another call.
 */
export function readAnswers(given: unknown, count: number): Promise<readonly GuardAnswer[]> {
  return new Promise((resolve, reject) => takeAnswers(given, count, resolve, reject));
}

/**
 * Does the same as `readAnswers` without a promise: `take` is called at once if the array is frozen,
 * and a microtask later if not.
 *
 * @param refuse - Called instead of `take` if the array was also used to answer another call.
 * @throws {TypeError} For all other faults of `readAnswers`.
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
  // By then, calls that were answered in the same turn have read their answers.
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

const notItsOwn = () => new TypeError('the replay guard must answer each call with a new array');

/**
 * Its constructor returns the given array, so that a subclass adds its private field to that array.
 */
class TheArray {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the private field belongs to the array.
    return given;
  }
}

/**
 * Marks an array that has answered a call, and records whether it has answered two. The guard may
 * have filled it for the second call before the first call read it. A frozen array gives both calls
 * the same answers, so it is not marked.
 *
 * The mark is a private field of the array itself, which the guard can neither see nor remove. A
 * `WeakMap` would do the same at fifty times the cost.
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
