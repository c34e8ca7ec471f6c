import { checkKnown } from '../check.js';
import { optionError } from '../errors.js';
import type { Algorithm } from '../mac/hmac.js';
import { isWellFormed } from '../text/utf8.js';
import { encodeBase32 } from './base32.js';
import { checkCounter } from './hotp.js';
import { checkAlgorithm, checkDigits, checkPeriod, type OtpOptions } from './options.js';
import { type OtpSecret, secretBytes } from './secret.js';

/**
 * Options of `otpauthUri`. They have the same defaults as in `totp` and `hotp`: 8 digits, not 6.
 */
export interface OtpauthOptions extends OtpOptions {
  /** Default `'totp'`. */
  readonly type?: 'totp' | 'hotp' | undefined;
  /** The account of the key. It must not be empty, have a colon, or begin or end with a space. */
  readonly account: string;
  /**
   * The issuer of the key, with the same rules as `account`. Recommended. It is written before the
   * account and as a parameter.
   */
  readonly issuer?: string | undefined;
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /**
   * Length of a step in seconds, 1 to 86400, not a multiple of 1000, default 30. Only with
   * `'totp'`.
   */
  readonly period?: number | undefined;
  /** The next counter, 0 to 2^64 - 1. Required with `'hotp'`, and allowed only there. */
  readonly counter?: number | bigint | undefined;
}

/**
 * The content of a Key URI with its defaults. You can pass it to `totp`, `createTotp`, `verifyTotp`
 * and `hotp`, and to `otpauthUri` unless it has a name that `otpauthUri` refuses.
 */
export interface OtpauthKey {
  /** The kind of code. */
  readonly type: 'totp' | 'hotp';
  /** The account of the key: the label without the issuer. It may be empty, or contain a colon. */
  readonly account: string;
  /** The issuer. Absent if the URI names none. It may contain a colon. */
  readonly issuer?: string;
  /** Base32 in upper case, without padding. */
  readonly secret: string;
  /** `'SHA-1'` if the URI does not name it. */
  readonly algorithm: Algorithm;
  /** 6 if the URI does not name it. */
  readonly digits: number;
  /**
   * Length of a step in seconds. 30 if the URI does not name it. Always present with `'totp'`,
   * never with `'hotp'`.
   */
  readonly period?: number;
  /** The counter, a bigint above 2^53 - 1. Always present with `'hotp'`, never with `'totp'`. */
  readonly counter?: number | bigint;
}

const OPTIONS = [
  'type',
  'account',
  'issuer',
  'secret',
  'algorithm',
  'digits',
  'period',
  'counter',
] as const;
/** The most UTF-16 units of an account or an issuer. */
const MAX_NAME_CHARS = 1023;
const NAME_FIX = 'write a text without a colon, such as "alice@example.com"';

/**
 * Writes a key as an `otpauth://` URI for authenticator apps: the Key URI Format of Google
 * Authenticator.
 *
 * Algorithm, digits and period are always written, because authenticators have other defaults than
 * this package. Spaces are `%20`. The URI contains the secret, so keep it secret.
 *
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range. `field`
 *   names it.
 *
 * @example
 * otpauthUri({ issuer: 'ACME Co', account: 'jo@example.com', secret: 'HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ' });
 * // 'otpauth://totp/ACME%20Co:jo@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co' +
 * //   '&algorithm=SHA1&digits=8&period=30'
 */
export function otpauthUri(options: OtpauthOptions): string {
  checkKnown(options, OPTIONS, 'options');
  // Reads each option once, because a getter may return another value the second time.
  const given: OtpauthOptions = Object.fromEntries(
    OPTIONS.map((name) => [name, options[name]]),
  ) as never;
  const type = given.type === undefined ? 'totp' : checkKind(given.type);
  const account = checkName(given.account, 'account');
  const issuer = given.issuer === undefined ? undefined : checkName(given.issuer, 'issuer');
  const parameters = new URLSearchParams({
    secret: canonicalSecret(given.secret),
    ...(issuer !== undefined && { issuer }),
    algorithm: checkAlgorithm(given.algorithm, 'algorithm').replace('-', ''),
    digits: String(checkDigits(given.digits, 'digits')),
  });
  if (type === 'totp') {
    refuse(given.counter, 'counter', type);
    parameters.set('period', String(checkPeriod(given.period, 'period')));
  } else {
    refuse(given.period, 'period', type);
    if (given.counter === undefined)
      throw optionError('counter', 'missing', 'write the next one, 0 at first');
    parameters.set('counter', String(checkCounter(given.counter, 'counter')));
  }
  const label = (issuer === undefined ? '' : `${escaped(issuer)}:`) + escaped(account);
  // URLSearchParams writes a space as +, which authenticators would show.
  return `otpauth://${type}/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}

/** Writes a secret as base32 in upper case without padding. */
export function canonicalSecret(secret: OtpSecret, field = 'secret'): string {
  const bytes = secretBytes(secret, field);
  try {
    return encodeBase32(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** Keeps `@`, which is allowed in a path, RFC 3986 §3.3, as in the format's examples. */
function escaped(name: string): string {
  return encodeURIComponent(name).replaceAll('%40', '@');
}

/** Checks the kind of code. */
export function checkKind(value: string): 'totp' | 'hotp' {
  if (value === 'totp' || value === 'hotp') return value;
  throw optionError('type', 'not a type of key', "write 'totp' or 'hotp'");
}

/** Checks that an account or an issuer can be written into a label and read back unchanged. */
export function checkName(value: string, field: string): string {
  checkNameText(value, field);
  const isName =
    value !== '' && !value.includes(':') && !value.startsWith(' ') && !value.endsWith(' ');
  if (isName) return value;
  const fault = value === '' ? 'not a name' : 'a colon, or a space at an end';
  throw optionError(field, fault, NAME_FIX);
}

/** Checks that a name is well-formed text and not too long. */
export function checkNameText(value: string, field: string): string {
  if (typeof value !== 'string' || !isWellFormed(value)) {
    throw optionError(field, 'not a name', NAME_FIX);
  }
  if (value.length > MAX_NAME_CHARS) {
    throw optionError(field, `${value.length} characters`, `write ${MAX_NAME_CHARS} at most`);
  }
  return value;
}

function refuse(value: unknown, field: string, type: string): void {
  if (value !== undefined)
    throw optionError(field, `not for a key of type ${type}`, 'leave it out');
}
