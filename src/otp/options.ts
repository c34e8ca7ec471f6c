import { checkInteger, checkKnown } from '../check.js';
import { optionError } from '../errors.js';
import { MAX_DIGITS, MAX_PERIOD, MAX_WINDOW, MIN_DIGITS } from '../limits.js';
import { type Algorithm, type AlgorithmName, algorithmNamed } from '../mac/hmac.js';

/** How a code is made from a counter: RFC 4226 §5.3. */
export interface OtpOptions {
  /**
   * Length of a code, Digit in RFC 4226 §5.3. 6 to 10, default 8. The tenth digit can only be 0, 1
   * or 2.
   */
  readonly digits?: number | undefined;
  /**
   * Hash of the HMAC, RFC 6238 §1.2. Default `'SHA-1'`. `'SHA1'`, `'sha1'` and `'HmacSHA1'` are
   * other spellings. The other two hashes have the same spellings.
   */
  readonly algorithm?: AlgorithmName | undefined;
}

/** How a counter is made from the time: RFC 6238 §4. Both in whole seconds. */
export interface TotpOptions extends OtpOptions {
  /**
   * Length of a time step in seconds, X in RFC 6238 §4.1. 1 to 86400, default 30. A multiple of
   * 1000 is refused, because it is probably meant as milliseconds.
   */
  readonly period?: number | undefined;
  /** Unix time in seconds at which step 0 begins, T0 in RFC 6238 §4.1. Default 0. */
  readonly t0?: number | undefined;
}

/**
 * The other fields of a `parseOtpauthUri` result, so that you can pass the result on unchanged.
 * Only `type` is checked.
 */
export interface OtpauthLabel {
  /** If present, it must match the kind of code. */
  readonly type?: 'totp' | 'hotp' | undefined;
  /** The account of the key. */
  readonly account?: string | undefined;
  /** The issuer of the key. */
  readonly issuer?: string | undefined;
}

export const LABEL_OPTIONS = ['type', 'account', 'issuer'] as const;

/**
 * Refuses a key for the other kind of code. Call it before other checks, whose messages would say
 * less.
 */
export function checkType(options: OtpauthLabel, wanted: 'totp' | 'hotp'): void {
  const type = options?.type;
  if (type === undefined || type === wanted) return;
  throw optionError('type', `not ${wanted}`, `hand in a key for ${wanted}`);
}

/** Steps around the present one whose codes are accepted: the delay allowance of RFC 6238 §5.2. */
export interface StepWindow {
  /** Steps before the present one. 0 to 10, default 1. */
  readonly past: number;
  /** Steps after the present one. 0 to 10, default 1. */
  readonly future: number;
}

export const DEFAULT_DIGITS = 8;
export const DEFAULT_ALGORITHM: Algorithm = 'SHA-1';
export const DEFAULT_PERIOD = 30;
export const DEFAULT_T0 = 0;
export const DEFAULT_WINDOW: StepWindow = Object.freeze({ past: 1, future: 1 });

/** Digits of a code, default 8. */
export function checkDigits(value: number | undefined, field: string): number {
  return checkInteger(value, field, DEFAULT_DIGITS, MIN_DIGITS, MAX_DIGITS);
}

/** Seconds of a step, default 30. */
export function checkPeriod(value: number | undefined, field: string): number {
  if (looksLikeMilliseconds(value)) {
    throw optionError(field, `got ${value}, which looks like milliseconds`, SECONDS_FIX);
  }
  return checkInteger(value, field, DEFAULT_PERIOD, 1, MAX_PERIOD);
}

/** The hint for a period in milliseconds. */
export const SECONDS_FIX = 'write seconds, such as 30';

/**
 * Whether a period is a multiple of 1000. Every period in milliseconds is one, and no period that
 * is used in seconds is. As seconds, `30000` would make a code valid for eight hours.
 */
export function looksLikeMilliseconds(period: unknown): boolean {
  return Number.isSafeInteger(period) && (period as number) > 0 && (period as number) % 1000 === 0;
}

/** Unix seconds at which step 0 begins, default 0. */
export function checkT0(value: number | undefined, field: string): number {
  return checkInteger(value, field, DEFAULT_T0, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/** Hash, default SHA-1. */
export function checkAlgorithm(value: AlgorithmName | undefined, field: string): Algorithm {
  if (value === undefined) return DEFAULT_ALGORITHM;
  const algorithm = algorithmNamed(value);
  if (algorithm === undefined) {
    throw optionError(field, 'not a hash of TOTP', "write 'SHA-1', 'SHA-256' or 'SHA-512'");
  }
  return algorithm;
}

/** Steps on either side of the present one, default 1 each. */
export function checkWindow(value: Partial<StepWindow> | undefined, field: string): StepWindow {
  if (value === undefined) return DEFAULT_WINDOW;
  checkKnown(value, ['past', 'future'], field);
  return {
    past: checkInteger(value.past, `${field}.past`, DEFAULT_WINDOW.past, 0, MAX_WINDOW),
    future: checkInteger(value.future, `${field}.future`, DEFAULT_WINDOW.future, 0, MAX_WINDOW),
  };
}
