/** Steps are doubles on their way into the core: the last that a window on either side can still count. */
const LAST_STEP = Number.MAX_SAFE_INTEGER - 64;

/**
 * The step that an instant is in: T of RFC 6238 §4.2, with T0 = 0.
 *
 * @param timeMs - Milliseconds since 1970-01-01T00:00:00Z.
 * @throws {RangeError} Not such a time. The clock is the caller's: a token cannot cause this.
 */
export function stepAt(timeMs: number, periodMs: number): number {
  const step = Math.floor(timeMs / periodMs);
  if (step >= 0 && step <= LAST_STEP) return step;
  throw new RangeError(`the clock must give milliseconds since 1970: got ${String(timeMs)}`);
}
