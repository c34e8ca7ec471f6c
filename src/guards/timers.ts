/** Calls `onEnd` after `ms` milliseconds. Returns a function that cancels the timer. */
export type StartTimer = (ms: number, onEnd: () => void) => () => void;

export const startTimeout: StartTimer = (ms, onEnd) => {
  const timer = setTimeout(onEnd, ms);
  return () => clearTimeout(timer);
};

/** There was no answer within the time limit. */
export class LateError extends Error {}

/** Rejects with a `LateError` when `work` takes longer than `timeoutMs`. */
export async function within<T>(
  timeoutMs: number,
  work: Promise<T>,
  what: string,
  startTimer: StartTimer = startTimeout,
): Promise<T> {
  let stop: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    stop = startTimer(timeoutMs, () => reject(new LateError(`${what} within ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop?.();
  }
}
