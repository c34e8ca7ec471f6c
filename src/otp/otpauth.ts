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
  /** Seconds of a step, 1 to 86400, default 30. Only with `'totp'`. */
  readonly period?: number | undefined;
  /** The next counter, 0 to 2^64 - 1. Only with `'hotp'`, and required there. */
  readonly counter?: number | bigint | undefined;
}

/** What a Key URI says, its defaults filled in. It is fit to be written again by `otpauthUri`. */
export interface OtpauthKey {
  /** The kind of code. */
  readonly type: 'totp' | 'hotp';
  /** Whose key it is: the label without the issuer. */
  readonly account: string;
  /** Absent when the URI names none. */
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
/** Parameters that are read; each may stand once. */
const PARAMETERS = ['secret', 'issuer', 'algorithm', 'digits', 'period', 'counter'] as const;
type Parameter = (typeof PARAMETERS)[number];

/** The format's own default, which is not that of this package. */
const DEFAULT_URI_DIGITS = 6;

const SCHEME = 'otpauth://';
/** Every character of a name may take nine, and the issuer stands twice; the secret takes 6554. */
const MAX_URI_CHARS = 65_536;
/** UTF-16 units of an account or an issuer. */
const MAX_NAME_CHARS = 1023;

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
  const type = given.type === undefined ? 'totp' : checkType(given.type);
  const account = checkName(given.account, 'account');
  const issuer = given.issuer === undefined ? undefined : checkName(given.issuer, 'issuer');
  const parameters = new URLSearchParams({
    secret: canonical(given.secret),
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

/**
 * Reads an `otpauth://` URI: the Key URI Format of Google Authenticator.
 *
 * - Scheme, type, names of parameters and the algorithm may be in any case.
 * - Absent parameters have the format's defaults: SHA-1, 6 digits, 30 seconds. A HOTP key must have
 *   a counter.
 * - The issuer is the label's prefix or the parameter. If both are there and differ, the URI is
 *   refused; an empty one counts as absent.
 * - The colon in the label may be `%3A`, and spaces may follow it. A second colon is refused, as
 *   the format does.
 * - Parameters that are not known, such as `image`, and those of the other type are ignored. A
 *   known one that stands twice is refused, since readers differ in which of them they take.
 * - In a parameter `+` is a space, as in forms.
 *
 * @throws {VerifierError} `ERR_OPTION` with the name of the parameter in `field`, or `type`,
 *   `account` or `uri`. The message holds no part of the URI.
 *
 * @example
 * parseOtpauthUri('otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example');
 * // { type: 'totp', account: 'alice@google.com', issuer: 'Example', secret: 'JBSWY3DPEHPK3PXP',
 * //   algorithm: 'SHA-1', digits: 6, period: 30 }
 */
export function parseOtpauthUri(uri: string): OtpauthKey {
  const { host, path, query } = partsOf(uri);
  const type = checkType(host.toLowerCase());
  const parameters = parametersOf(query);
  const { account, prefix } = labelOf(path);
  const issuer = parameters.get('issuer') || prefix;
  if (prefix !== undefined && issuer !== prefix) {
    throw optionError(
      'issuer',
      'the parameter differs from the prefix of the label',
      'make them equal',
    );
  }
  if (issuer !== undefined) checkName(issuer, 'issuer');
  const base = {
    type,
    account,
    ...(issuer !== undefined && { issuer }),
    secret: canonical(required(parameters, 'secret')),
    algorithm: algorithmOf(parameters.get('algorithm')),
    digits: checkDigits(Number(wholeNumber(parameters, 'digits') ?? DEFAULT_URI_DIGITS), 'digits'),
  };
  if (type === 'totp') {
    const period = wholeNumber(parameters, 'period');
    return {
      ...base,
      period: checkPeriod(period === undefined ? undefined : Number(period), 'period'),
    };
  }
  required(parameters, 'counter');
  const counter = checkCounter(wholeNumber(parameters, 'counter')!, 'counter');
  return { ...base, counter: counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter };
}

/**
 * Type, label and query. Not `new URL`: of a scheme it does not know, older browsers find no host,
 * and where it does it takes an account named `..` for a path. Not a regular expression: the URI,
 * with its secret, would stay in `RegExp.$_`.
 */
function partsOf(uri: string): { host: string; path: string; query: string } {
  const isText = typeof uri === 'string';
  if (isText && uri.length > MAX_URI_CHARS) {
    throw optionError('uri', `${uri.length} characters`, `hand in one of ${MAX_URI_CHARS} at most`);
  }
  if (isText && uri.slice(0, SCHEME.length).toLowerCase() === SCHEME) {
    const rest = before(uri.slice(SCHEME.length), '#');
    const address = before(rest, '?');
    const slash = address.indexOf('/');
    if (slash >= 0) {
      const query = rest.slice(address.length + 1);
      return { host: address.slice(0, slash), path: address.slice(slash + 1), query };
    }
  }
  throw optionError('uri', 'not a key URI', 'write otpauth://totp/issuer:account?secret=...');
}

/** A text up to a character, or all of it. */
function before(text: string, char: string): string {
  const at = text.indexOf(char);
  return at < 0 ? text : text.slice(0, at);
}

/** A secret as base32 in upper case without padding. */
function canonical(secret: OtpSecret): string {
  const bytes = secretBytes(secret);
  try {
    return encodeBase32(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** The known parameters by their names in lower case. */
function parametersOf(query: string): ReadonlyMap<Parameter, string> {
  // URLSearchParams would read bytes that are not UTF-8 as U+FFFD.
  percentDecoded(query, 'uri');
  const found = new Map<Parameter, string>();
  for (const [key, value] of new URLSearchParams(query)) {
    const name = PARAMETERS.find((known) => known === key.toLowerCase());
    if (name === undefined) continue;
    if (found.has(name)) throw optionError(name, 'the parameter stands twice', 'write it once');
    found.set(name, value);
  }
  return found;
}

/** Splits the label: accountname / issuer (":" / "%3A") *"%20" accountname. */
function labelOf(path: string): { account: string; prefix: string | undefined } {
  const label = percentDecoded(path, 'account');
  const colon = label.indexOf(':');
  const account = checkName(withoutSpaces(label.slice(colon + 1)), 'account');
  return { account, prefix: label.slice(0, Math.max(colon, 0)) || undefined };
}

function withoutSpaces(text: string): string {
  let start = 0;
  while (text[start] === ' ') start++;
  return text.slice(start);
}

function percentDecoded(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw optionError(field, 'not UTF-8 in percent-encoding', 'encode it as RFC 3986 §2.1 says');
  }
}

/** `@` may stand in a path, RFC 3986 §3.3, and the format's examples let it. */
function escaped(name: string): string {
  return encodeURIComponent(name).replaceAll('%40', '@');
}

function checkType(value: string): 'totp' | 'hotp' {
  if (value === 'totp' || value === 'hotp') return value;
  throw optionError('type', 'not a type of key', "write 'totp' or 'hotp'");
}

/** An account or an issuer that comes out of a label as it went in. */
function checkName(value: string, field: string): string {
  const isText = typeof value === 'string' && isWellFormed(value);
  if (isText && value.length > MAX_NAME_CHARS) {
    throw optionError(field, `${value.length} characters`, `write ${MAX_NAME_CHARS} at most`);
  }
  const isName =
    isText &&
    value !== '' &&
    !value.includes(':') &&
    !value.startsWith(' ') &&
    !value.endsWith(' ');
  if (isName) return value;
  const fault = isText && value !== '' ? 'a colon, or a space at an end' : 'not a name';
  throw optionError(field, fault, 'write a text without a colon, such as "alice@example.com"');
}

function required(parameters: ReadonlyMap<Parameter, string>, name: Parameter): string {
  const value = parameters.get(name);
  if (value === undefined)
    throw optionError(name, 'the parameter is missing', `add ${name}=... to the query`);
  return value;
}

function wholeNumber(
  parameters: ReadonlyMap<Parameter, string>,
  name: Parameter,
): bigint | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  // 20 digits hold 2^64 - 1.
  if (!/^\d{1,20}$/.test(text))
    throw optionError(name, 'not a whole number', 'write decimal digits');
  return BigInt(text);
}

function algorithmOf(text: string | undefined): Algorithm {
  const bits = text === undefined ? '1' : /^sha-?(1|256|512)$/i.exec(text)?.[1];
  if (bits === undefined)
    throw optionError('algorithm', 'not a hash of TOTP', 'write SHA1, SHA256 or SHA512');
  return `SHA-${bits as '1' | '256' | '512'}`;
}

function refuse(value: unknown, field: string, type: string): void {
  if (value !== undefined)
    throw optionError(field, `not for a key of type ${type}`, 'leave it out');
}
