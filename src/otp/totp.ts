import { checkKnown } from '../check.js';
import {
  CREATE_OPTIONS,
  type CreateTotpOptions,
  createTotp,
  type TotpUseOptions,
  type TotpVerdict,
  USE_OPTIONS,
} from './create-totp.js';
import { checkType, LABEL_OPTIONS, type OtpauthLabel, type TotpOptions } from './options.js';
import type { OtpSecret } from './secret.js';

export {
  type CreateTotpOptions,
  createTotp,
  type OtpGuard,
  type Totp,
  type TotpUseOptions,
  type TotpVerdict,
} from './create-totp.js';

/** Options of `totp`. */
export interface TotpCodeOptions extends TotpOptions, OtpauthLabel {
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /** Milliseconds since 1970-01-01T00:00:00Z. Default `Date.now()`. */
  readonly timeMs?: number | undefined;
}

/** Options of `verifyTotp`. */
export interface VerifyTotpOptions extends CreateTotpOptions, TotpUseOptions {
  /**
   * The code that the prover sent. Anything except `digits` ASCII digits is `malformed`. Spaces are
   * not removed.
   */
  readonly code: string;
}

const CODE_OPTIONS = [
  'secret',
  'digits',
  'algorithm',
  'period',
  't0',
  'timeMs',
  ...LABEL_OPTIONS,
] as const;
const VERIFY_OPTIONS = [...CREATE_OPTIONS, ...USE_OPTIONS, 'code'] as const;

/**
 * Returns the TOTP value of an instant: RFC 6238 §4.2.
 *
 * @returns `digits` ASCII digits.
 * @throws {TypeError} `timeMs` is not a number.
 * @throws {RangeError} `timeMs` lies before `t0`, or is not finite.
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range. `field`
 *   names it. `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`.
 *
 * @example
 * // RFC 6238 Appendix B; the secret is '12345678901234567890' in ASCII
 * totp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', timeMs: 59_000 }); // '94287082'
 */
export function totp(options: TotpCodeOptions): string {
  checkType(options, 'totp');
  checkKnown(options, CODE_OPTIONS, 'options');
  // Reads each option by its name. A rest pattern would miss inherited options, and use their
  // defaults.
  const { timeMs, secret, digits, algorithm, period, t0 } = options;
  const holder = createTotp({ secret, digits, algorithm, period, t0 });
  try {
    return holder.generate(timeMs);
  } finally {
    holder.dispose();
  }
}

/**
 * Checks that a code belongs to a step in the window and was not used before: RFC 6238 §5.2. For
 * several codes of the same secret, `createTotp` needs less work. Its `verify` has the details.
 *
 * Without `lastUsedStep` or a `guard` a code can be used again until its step has left the window.
 *
 * @throws {TypeError} `timeMs` is not a number, or the guard's answer is not a boolean.
 * @throws {RangeError} `timeMs` lies before `t0`, or is not finite.
 * @throws {VerifierError} `ERR_OPTION` for the other options. No value of `code` makes it throw.
 *   `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`.
 *
 * @example
 * const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
 * verifyTotp({ secret, code: '94287082', timeMs: 59_000 }); // { ok: true, code: 'accepted', step: 1, drift: 0 }
 * verifyTotp({ secret, code: '94287083', timeMs: 59_000 }); // { ok: false, code: 'wrong-otp' }
 */
export function verifyTotp(options: VerifyTotpOptions): TotpVerdict {
  checkType(options, 'totp');
  checkKnown(options, VERIFY_OPTIONS, 'options');
  const { code, timeMs, lastUsedStep, guard, secret, digits, algorithm, period, t0, window } =
    options;
  const holder = createTotp({ secret, digits, algorithm, period, t0, window });
  try {
    return holder.verify(code, { timeMs, lastUsedStep, guard });
  } finally {
    holder.dispose();
  }
}
