import { checkInstant, checkKnown, looksLikeSeconds } from '../check.js';
import { DEFAULT_PERIOD, DEFAULT_T0, looksLikeMilliseconds, SECONDS_FIX } from './options.js';

/** Options of `timeStep`. Both are in whole seconds. */
export interface TimeStepOptions {
  /**
   * Length of one time step, X in RFC 6238 §4.1. Any whole number above 0 except multiples of 1000,
   * default 30.
   */
  readonly period?: number | undefined;
  /** Unix time at which step 0 begins, T0 in RFC 6238 §4.1. Default 0. */
  readonly t0?: number | undefined;
}

/**
 * Returns the time step that contains `unixSeconds`: T in RFC 6238 §4.2.
 *
 * Steps are half-open. With the defaults, seconds 0 to 29.999 are step 0 and second 30 is step 1.
 *
 * @param unixSeconds - Seconds since 1970-01-01T00:00:00Z. A fraction is allowed and rounds down.
 *   `Date.now()` counts milliseconds: divide it by 1000 first.
 * @returns An integer in [0, 2^53 - 1], safe to hand to `hotp()` as its counter.
 * @throws {TypeError} `unixSeconds` is not a number.
 * @throws {RangeError} `period` is not a positive integer, or `t0` is not an integer. `period` or
 *   `unixSeconds` looks like milliseconds. For `unixSeconds`, these are values from 10^12 to 10^13.
 *   The instant lies before `t0` or past the last step a number can hold exactly.
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, or `options` is not an object.
 *
 * @example
 * timeStep(59); // 1, the first row of RFC 6238 Appendix B
 */
export function timeStep(unixSeconds: number, options: TimeStepOptions = {}): number {
  checkKnown(options, ['period', 't0'], 'options');
  const { period = DEFAULT_PERIOD, t0 = DEFAULT_T0 } = options;
  checkNumber(unixSeconds, 'unixSeconds');
  if (looksLikeSeconds(unixSeconds / 1000)) {
    throw new RangeError(
      `unixSeconds must be seconds since 1970-01-01T00:00:00Z: got ${unixSeconds}, which looks like milliseconds; divide it by 1000`,
    );
  }
  if (!Number.isSafeInteger(period) || period < 1) {
    throw new RangeError(`period must be a whole number of seconds above 0: got ${period}`);
  }
  if (looksLikeMilliseconds(period)) {
    throw new RangeError(`period ${period} looks like milliseconds; ${SECONDS_FIX}`);
  }
  if (!Number.isSafeInteger(t0))
    throw new RangeError(`t0 must be a whole number of seconds: got ${t0}`);
  const step = stepIn(unixSeconds, period, t0);
  if (step === undefined) {
    throw new RangeError(`no time step holds ${unixSeconds} s with t0 ${t0} and period ${period}`);
  }
  return step;
}

/**
 * The same for a time in milliseconds. `period` and `t0` must have been checked before.
 *
 * @param name - The caller's name of the time, for messages.
 * @throws {TypeError} `timeMs` is not a number.
 * @throws {RangeError} No step holds it, or it looks like seconds.
 */
export function stepAt(timeMs: number, period: number, t0: number, name = 'timeMs'): number {
  checkInstant(timeMs, name);
  // This is exact at every edge. The quotient of two integers below 2^53 never rounds up to the
  // next integer.
  const step = stepIn(timeMs / 1000, period, t0);
  if (step === undefined) {
    throw new RangeError(
      `${name} must be milliseconds since 1970-01-01T00:00:00Z, not before t0: got ${timeMs}`,
    );
  }
  return step;
}

function stepIn(unixSeconds: number, period: number, t0: number): number | undefined {
  // Rounds down to whole seconds first. The period and t0 are whole, so the result is the same, and
  // rounding cannot move an edge.
  const seconds = Math.floor(unixSeconds);
  if (!Number.isFinite(seconds)) return undefined;
  const elapsed = seconds - t0;
  const step = Number.isSafeInteger(elapsed)
    ? Math.floor(elapsed / period)
    : stepOfMany(seconds, t0, period);
  if (!Number.isSafeInteger(step) || step < 0) return undefined;
  // This turns -0 into 0.
  return step + 0;
}

/** For a difference that is not exact as a number. */
function stepOfMany(seconds: number, t0: number, period: number): number {
  const elapsed = BigInt(seconds) - BigInt(t0);
  return elapsed < 0n ? -1 : Number(elapsed / BigInt(period));
}

/** Refuses a string or null, which JavaScript would convert to a number. */
function checkNumber(value: number, name: string): void {
  if (typeof value !== 'number')
    throw new TypeError(`${name} must be a number: got ${typeof value}`);
}
