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

/** Remembers which steps were used, in a store of the caller's: one guard a secret. */
export interface OtpGuard {
  /**
   * Asked once for each code that is right, never for one that is wrong.
   *
   * @returns `true`: the step was not used before, and from now on counts as used. `false`: it was.
   *   Looking and remembering must be one operation, or two logins at once both get `true`.
   */
  use(step: number): boolean;
}

/** The verdict on a code. */
export type TotpVerdict =
  | {
      /** The code is right. */
      readonly ok: true;
      /** The same in a word. */
      readonly code: 'accepted';
      /** The step whose code it is. Store it: it is the `lastUsedStep` of the next verification. */
      readonly step: number;
      /**
       * Steps from the present one: negative if the prover's clock is behind or the code was on its
       * way.
       */
      readonly drift: number;
    }
  | {
      /** The code is not accepted. */
      readonly ok: false;
      /**
       * `malformed`: not exactly `digits` ASCII digits. `wrong-otp`: of no step in the window.
       * `replayed`: of a step in the window, but not after `lastUsedStep`, or the guard has seen
       * it.
       */
      readonly code: 'malformed' | 'wrong-otp' | 'replayed';
    };

/** A secret with its settings, as `createTotp` makes it. */
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
   * The step of the code accepted last: one of this step or an earlier one is `replayed`, RFC 6238
   * §5.2. Default: none was.
   */
  readonly lastUsedStep?: number | undefined;
  /** Decides after `lastUsedStep`. Default: none. */
  readonly guard?: OtpGuard | undefined;
}

/** Names of what `createTotp` and `Totp.verify` take. */
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
 * One secret, held for many codes. Made by `createTotp`.
 *
 * The codes of the window are computed once a step, and of the next step only the new one, so a
 * verification within the same step costs no HMAC. Nothing of what was verified is remembered: that
 * is `lastUsedStep` and `guard`.
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
   * @throws {RangeError} It lies before `t0`, or is not finite.
   * @throws {VerifierError} `ERR_DISPOSED`.
   *
   * @example
   * createTotp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }).generate(59_000); // '94287082'
   */
  generate(timeMs: number = Date.now()): string {
    return this.#alive().at(stepAt(timeMs, this.#period, this.#t0));
  }

  /**
   * Says whether a code is that of a step in the window, and not used before: RFC 6238 §5.2.
   *
   * The code is compared with those of all steps in the window, whether one matched or not, and
   * without a branch on a digit. If it is the code of several steps, the latest counts.
   *
   * @param code - What the prover sent. No value of it makes this throw.
   * @throws {TypeError} `timeMs` is not a number, or the guard's answer not a boolean.
   * @throws {RangeError} `timeMs` lies before `t0`, or is not finite.
   * @throws {VerifierError} `ERR_OPTION` for the other options; `ERR_DISPOSED`. What the guard
   *   throws passes through.
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
   * Wipes the key from memory and forgets the codes. Later calls throw `ERR_DISPOSED`; a second
   * `dispose` does not.
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
 * Holds a secret for many codes: RFC 6238 with its key and the codes of the window at hand.
 *
 * A copy of the secret lives in the memory of the Wasm core until `dispose`. No text or JSON of the
 * object shows it.
 *
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range; `field`
 *   says which. `ERR_ENGINE_UNAVAILABLE`; `ERR_MEMORY`.
 *
 * @example
 * using totp = createTotp({ secret, digits: 6, window: { past: 1, future: 0 } });
 * const verdict = totp.verify(code, { lastUsedStep });
 * if (verdict.ok) lastUsedStep = verdict.step;
 */
export function createTotp(options: CreateTotpOptions): Totp {
  return new Totp(options);
}

/** A step that was used, or one before the first. */
function checkStep(value: unknown, field: string): number {
  // What databases give for a column that is NULL, or holds a large integer.
  if (value === null) {
    throw optionError(field, 'is null', 'leave it out, or write undefined, where no code was used');
  }
  if (typeof value === 'bigint' || typeof value === 'string') {
    throw optionError(field, `a ${typeof value}`, 'write Number(step)');
  }
  return checkInteger(value as number | undefined, field, NO_STEP, 0, Number.MAX_SAFE_INTEGER);
}

/** How the guard is asked, looked up once. */
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
 * A promise is true as well, so an asynchronous guard would let every replay pass: it is refused.
 */
function isFresh(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(`guard.use must return a boolean: got ${described(answer)}`);
}
