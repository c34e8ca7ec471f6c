/** Turns of the microtask queue after which whatever can be answered has been. */
const TURNS = 12;

/** A promise that a test looks at without waiting for it. */
export interface Settled<T> {
  /** What it was fulfilled with, if it was by now. */
  now(): Promise<T | undefined>;
  /** Waits for its rejection. */
  rejection(): Promise<unknown>;
}

/** Watches a promise that depends on nothing but other promises. */
export function settled<T>(promise: Promise<T>): Settled<T> {
  let value: T | undefined;
  const rejection = promise.then(
    (given) => {
      value = given;
      throw new Error('it was fulfilled');
    },
    (reason: unknown) => reason,
  );
  rejection.catch(() => {});
  return {
    async now() {
      for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
      return value;
    },
    rejection: () => rejection,
  };
}
