import { checkInteger, checkKnown } from '../check.js';
import { optionError } from '../errors.js';
import { codeValue, equalMask } from './code-window.js';
import {
  checkAlgorithm,
  checkDigits,
  checkType,
  LABEL_OPTIONS,
  type OtpauthLabel,
  type OtpOptions,
} from './options.js';
import { hmacOf, type OtpSecret } from './secret.js';

/** Options to synchronize a counter again: RFC 4226 §7.4. */
export interface HotpResync {
  /** The code that the prover's token showed next, directly after `code`. */
  readonly nextCode: string;
  /** How many counters after the stored one are tried for `code`. 0 to 1000, default 100. */
  readonly lookAhead?: number | undefined;
}

/** Options of `verifyHotp`. */
export interface VerifyHotpOptions extends OtpOptions, OtpauthLabel {
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /** The code that the prover sent. Anything except `digits` ASCII digits is `malformed`. */
  readonly code: string;
  /**
   * The counter that you stored: the first one whose code was not used yet. 0 to 2^53 - 2 minus the
   * look-ahead, and one less with `resync`.
   */
  readonly counter: number;
  /**
   * How many counters after the stored one are accepted too, the parameter s of RFC 4226 §7.4. They
   * cover codes that the token showed and nobody sent. 0 to 100, default 10. Each further counter
   * is one more code that a guess may hit.
   */
  readonly lookAhead?: number | undefined;
  /** Looks for two successive codes over a longer range. The other `lookAhead` is then ignored. */
  readonly resync?: HotpResync | undefined;
}

/** The verdict on a code. */
export type HotpVerdict =
  | {
      /** The code is right. */
      readonly ok: true;
      /** The verdict as a word. */
      readonly code: 'accepted';
      /** The counter of the code. With `resync`, the counter of the first code. */
      readonly counter: number;
      /** The counter to store before anything else. Earlier codes are used up. */
      readonly nextCounter: number;
    }
  | {
      /** The code is not accepted. Keep the stored counter. */
      readonly ok: false;
      /**
       * `malformed`: a code is not exactly `digits` ASCII digits. `wrong-otp`: not the code of any
       * counter that was tried.
       */
      readonly code: 'malformed' | 'wrong-otp';
    };

const OPTIONS = [
  'secret',
  'code',
  'counter',
  'digits',
  'algorithm',
  'lookAhead',
  'resync',
  ...LABEL_OPTIONS,
] as const;

const DEFAULT_LOOK_AHEAD = 10;
const MAX_LOOK_AHEAD = 100;
const DEFAULT_RESYNC_LOOK_AHEAD = 100;
const MAX_RESYNC_LOOK_AHEAD = 1000;

const MALFORMED = Object.freeze({ ok: false, code: 'malformed' } as const);
const WRONG_OTP = Object.freeze({ ok: false, code: 'wrong-otp' } as const);

/**
 * Checks that a code belongs to the stored counter or to one soon after it: RFC 4226 §7.2 and §7.4.
 *
 * If several counters have this code, the earliest counts. The codes of all counters are always
 * computed and compared, without a branch on a digit.
 *
 * This function remembers nothing. Replace the stored `counter` by `nextCounter` in one atomic
 * operation (`UPDATE ... SET counter = next WHERE counter = stored`). Otherwise two logins at the
 * same time can use one code. If the stored counter has changed by then, refuse the login.
 *
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range. `field`
 *   names it. It is `counter` if a counter of the look-ahead would be above 2^53 - 2. No value of
 *   `code` or `resync.nextCode` makes it throw. `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`.
 *
 * @example
 * // RFC 4226 Appendix D
 * const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
 * const key = { secret, digits: 6, counter: 0 };
 * verifyHotp({ ...key, code: '359152' }); // { ok: true, code: 'accepted', counter: 2, nextCounter: 3 }
 * verifyHotp({ ...key, code: '359153' }); // { ok: false, code: 'wrong-otp' }
 * // The token is far ahead: the user sends two codes, one after the other.
 * verifyHotp({ ...key, code: '399871', resync: { nextCode: '520489' } });
 * // { ok: true, code: 'accepted', counter: 8, nextCounter: 10 }
 */
export function verifyHotp(options: VerifyHotpOptions): HotpVerdict {
  checkType(options, 'hotp');
  checkKnown(options, OPTIONS, 'options');
  const { code, secret, resync } = options;
  const digits = checkDigits(options.digits, 'digits');
  const algorithm = checkAlgorithm(options.algorithm, 'algorithm');
  const alone = checkInteger(options.lookAhead, 'lookAhead', DEFAULT_LOOK_AHEAD, 0, MAX_LOOK_AHEAD);
  const pair = resync === undefined ? undefined : checkResync(resync);
  const lookAhead = pair?.lookAhead ?? alone;
  const texts = pair === undefined ? [code] : [code, pair.nextCode];
  const counter = checkStored(options.counter, lookAhead + texts.length);
  const hmac = hmacOf(secret, algorithm);
  try {
    const sought = texts.map((text) => codeValue(text, digits));
    if (!sought.every((value) => value !== undefined)) return MALFORMED;
    const values = Array.from(
      { length: lookAhead + sought.length },
      (_, i) => codeValue(hmac.code(counter + i, digits), digits) as number,
    );
    const ahead = earliest(sought, values);
    if (ahead === undefined) return WRONG_OTP;
    const found = counter + ahead;
    return { ok: true, code: 'accepted', counter: found, nextCounter: found + sought.length };
  } finally {
    hmac.dispose();
  }
}

/** Returns where the sought values first occur in a row, without a branch on any value. */
function earliest(sought: readonly number[], values: readonly number[]): number | undefined {
  let found = -1;
  for (let start = values.length - sought.length; start >= 0; start--) {
    const isHere = sought.reduce(
      (mask, value, i) => mask & equalMask(value, values[start + i] as number),
      -1,
    );
    found = (found & ~isHere) | (start & isHere);
  }
  return found < 0 ? undefined : found;
}

/**
 * Checks a counter that must have room for `reach` more. Beyond 2^53, two counters would be the
 * same number.
 */
function checkStored(value: number, reach: number): number {
  if (value === undefined) {
    throw optionError('counter', 'missing', 'hand in the one that you stored, 0 at first');
  }
  return checkInteger(value, 'counter', 0, 0, Number.MAX_SAFE_INTEGER - reach);
}

function checkResync(resync: HotpResync): { nextCode: string; lookAhead: number } {
  checkKnown(resync, ['nextCode', 'lookAhead'], 'resync');
  const { nextCode, lookAhead } = resync;
  return {
    nextCode,
    lookAhead: checkInteger(
      lookAhead,
      'resync.lookAhead',
      DEFAULT_RESYNC_LOOK_AHEAD,
      0,
      MAX_RESYNC_LOOK_AHEAD,
    ),
  };
}
