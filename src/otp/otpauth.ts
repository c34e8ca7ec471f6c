import { checkKnown } from '../check.js';
import { optionError } from '../errors.js';
import type { Algorithm } from '../mac/hmac.js';
import { isWellFormed } from '../text/utf8.js';
import { encodeBase32 } from './base32.js';
import { checkCounter } from './hotp.js';
import { checkAlgorithm, checkDigits, checkPeriod, type OtpOptions } from './options.js';
import { type OtpSecret, secretBytes } from './secret.js';

/**
 * What `otpauthUri` writes. Left out, an option has the default of `totp` and `hotp`: 8 digits, not
 * 6.
 */
export interface OtpauthOptions extends OtpOptions {
  /** Default `'totp'`. */
  readonly type?: 'totp' | 'hotp' | undefined;
  /** Whose key it is: not empty, no colon, no space at either end. */
  readonly account: string;
  /**
   * Who issued it, under the same rules; recommended. It is written before the account and as a
   * parameter.
   */
  readonly issuer?: string | undefined;
  /** Base32 text, or bytes. */
  readonly secret: OtpSecret;
  /** Seconds of a step, 1 to 86400, no multiple of 1000, default 30. Only with `'totp'`. */
  readonly period?: number | undefined;
  /** The next counter, 0 to 2^64 - 1. Only with `'hotp'`, and required there. */
  readonly counter?: number | bigint | undefined;
}

/**
 * What a Key URI says, its defaults filled in. It is fit for `totp`, `createTotp`, `verifyTotp`,
 * `hotp`, and for `otpauthUri` unless it has a name that `otpauthUri` does not write.
 */
export interface OtpauthKey {
  /** The kind of code. */
  readonly type: 'totp' | 'hotp';
  /** Whose key it is: the label without the issuer. May be empty, or have a colon in it. */
  readonly account: string;
  /** Absent when the URI names none. May have a colon in it. */
  readonly issuer?: string;
  /** Base32 in upper case, without padding. */
  readonly secret: string;
  /** `'SHA-1'` where the URI does not say. */
  readonly algorithm: Algorithm;
  /** 6 where the URI does not say. */
  readonly digits: number;
  /** Seconds; 30 where the URI does not say. With `'totp'` always, with `'hotp'` never. */
  readonly period?: number;
  /** A bigint above 2^53 - 1. With `'hotp'` always, with `'totp'` never. */
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
/** UTF-16 units of an account or an issuer. */
const MAX_NAME_CHARS = 1023;
const NAME_FIX = 'write a text without a colon, such as "alice@example.com"';

/**
 * Writes a key as an `otpauth://` URI, for an authenticator to scan: the Key URI Format of Google
 * Authenticator.
 *
 * Algorithm, digits and period are always written, since authenticators' defaults are not this
 * package's. Spaces are `%20`. The URI holds the secret: it is as secret as that.
 *
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown, missing or out of its range; `field`
 *   says which.
 *
 * @example
 * otpauthUri({ issuer: 'ACME Co', account: 'jo@example.com', secret: 'HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ' });
 * // 'otpauth://totp/ACME%20Co:jo@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co' +
 * //   '&algorithm=SHA1&digits=8&period=30'
 */
export function otpauthUri(options: OtpauthOptions): string {
  checkKnown(options, OPTIONS, 'options');
  // Each once: a getter may answer the second time with something else.
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
  // URLSearchParams writes a space as +, which authenticators show as it is.
  return `otpauth://${type}/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}

/** A secret as base32 in upper case without padding. */
export function canonicalSecret(secret: OtpSecret, field = 'secret'): string {
  const bytes = secretBytes(secret, field);
  try {
    return encodeBase32(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** `@` may stand in a path, RFC 3986 §3.3, and the format's examples let it. */
function escaped(name: string): string {
  return encodeURIComponent(name).replaceAll('%40', '@');
}

/** The kind of code that a key is for. */
export function checkKind(value: string): 'totp' | 'hotp' {
  if (value === 'totp' || value === 'hotp') return value;
  throw optionError('type', 'not a type of key', "write 'totp' or 'hotp'");
}

/** An account or an issuer that comes out of a label as it went in. */
export function checkName(value: string, field: string): string {
  checkNameText(value, field);
  const isName =
    value !== '' && !value.includes(':') && !value.startsWith(' ') && !value.endsWith(' ');
  if (isName) return value;
  const fault = value === '' ? 'not a name' : 'a colon, or a space at an end';
  throw optionError(field, fault, NAME_FIX);
}

/** Well-formed text that is not too long to be a name. */
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
