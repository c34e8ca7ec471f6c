import { checkKnown, described } from '../check.js';
import { optionError } from '../errors.js';
import {
  checkAlgorithm,
  checkDigits,
  checkType,
  LABEL_OPTIONS,
  type OtpauthLabel,
  type OtpOptions,
} from './options.js';
import { hmacOf, type OtpSecret } from './secret.js';

/** Options of `hotp`. */
export interface HotpOptions extends OtpOptions, OtpauthLabel {
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /**
   * The moving factor, C in RFC 4226 §5.1: 0 to 2^64 - 1. Values above 2^53 - 1 must be a bigint.
   */
  readonly counter: number | bigint;
}

const OPTIONS = ['secret', 'counter', 'digits', 'algorithm', ...LABEL_OPTIONS] as const;
const MAX_COUNTER = 2n ** 64n - 1n;

/**
 * Returns the HOTP value of a counter: RFC 4226 §5.3.
 *
 * The HMAC of the counter, as 8 bytes in big-endian order, is truncated to 31 bits (§5.4). The code
 * is that number modulo 10^digits, with leading zeros. SHA-256 and SHA-512 are truncated in the
 * same way, RFC 6238 §1.2.
 *
 * @returns `digits` ASCII digits.
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range. `field`
 *   names it. `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`.
 *
 * @example
 * // RFC 4226 Appendix D; the secret is '12345678901234567890' in ASCII
 * hotp({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', counter: 0, digits: 6 }); // '755224'
 */
export function hotp(options: HotpOptions): string {
  checkType(options, 'hotp');
  checkKnown(options, OPTIONS, 'options');
  const digits = checkDigits(options.digits, 'digits');
  const algorithm = checkAlgorithm(options.algorithm, 'algorithm');
  const counter = checkCounter(options.counter, 'counter');
  const hmac = hmacOf(options.secret, algorithm);
  try {
    return hmac.code(counter, digits);
  } finally {
    hmac.dispose();
  }
}

/** Checks a counter: an exact number or a bigint that fits into 8 bytes. */
export function checkCounter(value: number | bigint, field: string): number | bigint {
  const fits = typeof value === 'bigint' ? value <= MAX_COUNTER : Number.isSafeInteger(value);
  if (!fits || value < 0) {
    const fix = 'write a whole number from 0 to 2^53 - 1, or a bigint up to 2^64 - 1';
    throw optionError(field, `got ${described(value)}`, fix);
  }
  return value;
}
