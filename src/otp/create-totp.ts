// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { checkInteger, checkKnown, described } from '../check.js';
import { optionError, VerifierError } from '../errors.js';
import type { Hmac } from '../mac/hmac.js';
import { CodeWindow, codeValue } from './code-window.js';
import {
  checkAlgorithm,
  checkDigits,
  checkPeriod,
  checkT0,
  checkType,
  checkWindow,
  LABEL_OPTIONS,
  type OtpauthLabel,
  type StepWindow,
  type TotpOptions,
} from './options.js';
import { hmacOf, type OtpSecret } from './secret.js';
import { stepAt } from './time-step.js';

/** Remembers which steps were used, in a store of the caller. Each secret has its own guard. */
export interface OtpGuard {
  /**
   * Called once for each code that is right, and never for a wrong one.
   *
   * @returns `true` if the step was not used before. It counts as used from now on. `false` if it
   *   was used before. Look-up and storing must be one atomic operation. Otherwise two logins at
   *   the same time both get `true`.
   */
  use(step: number): boolean;
}

/** The verdict on a code. */
export type TotpVerdict =
  | {
      /** The code is right. */
      readonly ok: true;
      /** The verdict as a word. */
      readonly code: 'accepted';
      /** The step of the code. Store it: it is the `lastUsedStep` of the next verification. */
      readonly step: number;
      /**
       * Steps from the present one. Negative if the prover's clock is behind, or if the code took a
       * while to arrive.
       */
      readonly drift: number;
    }
  | {
      /** The code is not accepted. */
      readonly ok: false;
      /**
       * `malformed`: not exactly `digits` ASCII digits. `wrong-otp`: not the code of any step in
       * the window. `replayed`: the code of a step in the window that is not after `lastUsedStep`,
       * or that the guard has seen.
       */
      readonly code: 'malformed' | 'wrong-otp' | 'replayed';
    };

/** Options of `createTotp`: a secret and its settings. */
export interface CreateTotpOptions extends TotpOptions, OtpauthLabel {
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /**
   * Steps before and after the present one whose code is accepted, 0 to 10 each, default 1 each.
   */
  readonly window?: Partial<StepWindow> | undefined;
}

/** Options of one verification. */
export interface TotpUseOptions {
  /** Milliseconds since 1970-01-01T00:00:00Z. Default `Date.now()`. */
  readonly timeMs?: number | undefined;
  /**
   * The step of the last accepted code. A code of this step or an earlier one is `replayed`, RFC
   * 6238 §5.2. Default: no code was accepted yet.
   */
  readonly lastUsedStep?: number | undefined;
  /** Asked after `lastUsedStep` was checked. Default: no guard. */
  readonly guard?: OtpGuard | undefined;
}

/** Names of the options of `createTotp` and `Totp.verify`. */
export const CREATE_OPTIONS = [
  'secret',
  'digits',
  'algorithm',
  'period',
  't0',
  'window',
  ...LABEL_OPTIONS,
] as const;
export const USE_OPTIONS = ['timeMs', 'lastUsedStep', 'guard'] as const;

const NO_OPTIONS = Object.freeze({});
const NO_STEP = -1;

const MALFORMED = Object.freeze({ ok: false, code: 'malformed' } as const);
const WRONG_OTP = Object.freeze({ ok: false, code: 'wrong-otp' } as const);
const REPLAYED = Object.freeze({ ok: false, code: 'replayed' } as const);

/**
 * A prepared secret for many codes. Made by `createTotp`.
 *
 * The codes of the window are kept, so another verification within the same step costs no HMAC, and
 * the next step costs one. It does not remember verified codes. Use `lastUsedStep` or `guard` for
 * that.
 */
export class Totp {
  readonly #hmac: Hmac;
  readonly #digits: number;
  readonly #period: number;
  readonly #t0: number;
  #window: CodeWindow | undefined;

  /** @internal */
  constructor(options: CreateTotpOptions) {
    checkType(options, 'totp');
    checkKnown(options, CREATE_OPTIONS, 'options');
    this.#digits = checkDigits(options.digits, 'digits');
    this.#period = checkPeriod(options.period, 'period');
    this.#t0 = checkT0(options.t0, 't0');
    const window = checkWindow(options.window, 'window');
    this.#hmac = hmacOf(options.secret, checkAlgorithm(options.algorithm, 'algorithm'));
    this.#window = new CodeWindow(this.#hmac, this.#digits, window);
  }

  /**
   * Returns the code of an instant: RFC 6238 §4.2.
   *
   * @param timeMs - Milliseconds since 1970-01-01T00:00:00Z. Default `Date.now()`.
   * @throws {TypeError} `timeMs` is not a number.
   * @throws {RangeError} `timeMs` lies before `t0`, or is not finite.
   * @throws {VerifierError} `ERR_DISPOSED`.
   *
   * @example
   * createTotp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }).generate(59_000); // '94287082'
   */
  generate(timeMs: number = Date.now()): string {
    return this.#alive().at(stepAt(timeMs, this.#period, this.#t0));
  }

  /**
   * Checks that a code belongs to a step in the window and was not used before: RFC 6238 §5.2.
   *
   * The code is always compared with the codes of all steps in the window, without a branch on a
   * digit. If several steps have this code, the latest counts.
   *
   * @param code - The code that the prover sent. No value makes this throw.
   * @throws {TypeError} `timeMs` is not a number, or the guard's answer is not a boolean.
   * @throws {RangeError} `timeMs` lies before `t0`, or is not finite.
   * @throws {VerifierError} `ERR_OPTION` for the other options. `ERR_DISPOSED`. Errors of the guard
   *   pass through.
   *
   * @example
   * const totp = createTotp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' });
   * totp.verify('94287082', { timeMs: 75_000 }); // { ok: true, code: 'accepted', step: 1, drift: -1 }
   * totp.verify('94287082', { timeMs: 75_000, lastUsedStep: 1 }); // { ok: false, code: 'replayed' }
   */
  verify(code: string, options: TotpUseOptions = NO_OPTIONS): TotpVerdict {
    const window = this.#alive();
    checkKnown(options, USE_OPTIONS, 'options');
    const { timeMs = Date.now(), guard } = options;
    const lastUsedStep = checkStep(options.lastUsedStep, 'lastUsedStep');
    const use = checkGuard(guard, 'guard');
    const now = stepAt(timeMs, this.#period, this.#t0);
    const value = codeValue(code, this.#digits);
    if (value === undefined) return MALFORMED;

    const drift = window.find(value, now);
    if (drift === undefined) return WRONG_OTP;
    const step = now + drift;
    if (step <= lastUsedStep) return REPLAYED;
    if (use !== undefined && !isFresh(Reflect.apply(use, guard, [step]))) return REPLAYED;
    return { ok: true, code: 'accepted', step, drift };
  }

  #alive(): CodeWindow {
    if (this.#window === undefined)
      throw new VerifierError('ERR_DISPOSED', 'this Totp was disposed of');
    return this.#window;
  }

  /**
   * Wipes the key from memory and forgets the codes. Later calls throw `ERR_DISPOSED`. A second
   * `dispose` does not throw.
   */
  dispose(): void {
    this.#window = undefined;
    this.#hmac.dispose();
  }

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Prepares a secret for many codes: RFC 6238. Keeps the key and the codes of the window.
 *
 * A copy of the secret lives in the memory of the Wasm core until `dispose`. No text or JSON of the
 * object shows it.
 *
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range. `field`
 *   names it. `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`.
 *
 * @example
 * using totp = createTotp({ secret, digits: 6, window: { past: 1, future: 0 } });
 * const verdict = totp.verify(code, { lastUsedStep });
 * if (verdict.ok) lastUsedStep = verdict.step;
 */
export function createTotp(options: CreateTotpOptions): Totp {
  return new Totp(options);
}

/** Checks the step of the last accepted code. -1 if there was none. */
function checkStep(value: unknown, field: string): number {
  // Databases return null for a NULL column, and a bigint or a string for a large integer.
  if (value === null) {
    throw optionError(field, 'is null', 'leave it out, or write undefined, where no code was used');
  }
  if (typeof value === 'bigint' || typeof value === 'string') {
    throw optionError(field, `a ${typeof value}`, 'write Number(step)');
  }
  return checkInteger(value as number | undefined, field, NO_STEP, 0, Number.MAX_SAFE_INTEGER);
}

/** Reads the guard's method once. */
function checkGuard(guard: OtpGuard | undefined, field: string): OtpGuard['use'] | undefined {
  if (guard === undefined) return undefined;
  const use: unknown = guard?.use;
  if (typeof use !== 'function') {
    throw optionError(
      field,
      `got ${described(guard)}`,
      'hand in { use(step) { return isFresh; } }',
    );
  }
  return use as OtpGuard['use'];
}

/**
 * Checks the guard's answer. A promise is truthy, so an asynchronous guard would let every replay
 * pass. It is refused.
 */
function isFresh(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(`guard.use must return a boolean: got ${described(answer)}`);
}
