import { checkKnown, described } from '../check.js';
import { optionError } from '../errors.js';
import { type Algorithm, algorithmNamed } from '../mac/hmac.js';
import { checkCounter } from './hotp.js';
import { checkDigits, checkPeriod } from './options.js';
import {
  canonicalSecret,
  checkKind,
  checkName,
  checkNameText,
  type OtpauthKey,
} from './otpauth.js';
import {
  before,
  checkUriLength,
  isOfScheme,
  percentDecoded,
  withoutOuterSpaces,
} from './uri-text.js';

/** Options of `parseOtpauthUri`. */
export interface ParseOtpauthOptions {
  /**
   * `true` refuses everything that the Key URI Format does not allow, even if authenticator apps
   * import it. Default `false`.
   */
  readonly strict?: boolean | undefined;
}

/** Parameters that are read. All others are ignored. */
const PARAMETERS = ['secret', 'issuer', 'algorithm', 'digits', 'period', 'counter'] as const;
type Parameter = (typeof PARAMETERS)[number];

/** A parameter as it is in the query, and decoded as in a form, where `+` is a space. */
interface Value {
  readonly raw: string;
  readonly text: string;
}

/** The account and the issuer of a key. */
interface Names {
  readonly account: string;
  readonly issuer: string | undefined;
}

/** The format's default, which differs from this package's. */
const DEFAULT_URI_DIGITS = 6;
const SCHEME = 'otpauth';
const MIGRATION_SCHEME = 'otpauth-migration';
/** The number of digits of 2^64 - 1. */
const MAX_COUNTER_DIGITS = 20;

/**
 * Reads an `otpauth://` URI: the Key URI Format of Google Authenticator, and variants that
 * authenticator apps import.
 *
 * - Scheme, type, names of parameters and the algorithm may be in any case. `HmacSHA1` is `SHA1`.
 * - Absent parameters have the format's defaults: SHA-1, 6 digits, 30 seconds. An empty parameter
 *   counts as absent. A HOTP key must have a counter.
 * - The issuer is the parameter, or else the prefix of the label. The account is the text after the
 *   first colon of the label, and may be empty. Both are trimmed of spaces.
 * - In a parameter, `+` is a space, as in forms. In the label it is a plus. In the issuer it is a
 *   plus if the prefix of the label has a plus at the same place.
 * - White space, zero-width characters, hyphens and `=` in the secret are ignored.
 * - Unknown parameters, such as `image`, and those of the other type are ignored. A known parameter
 *   may occur twice only if both values are the same, because readers could disagree on which one
 *   counts.
 *
 * With `strict`, the format's rules hold: prefix and issuer are equal, the label has one colon and
 * an account, no name begins or ends with a space, a known parameter occurs once and is not empty
 * (an empty issuer counts as absent), every parameter is UTF-8 in percent-encoding, `HmacSHA1` is
 * unknown, and the secret has no white space but spaces.
 *
 * @throws {VerifierError} `ERR_OPTION` with the name of the parameter in `field`, or `type`,
 *   `account`, `uri` or `strict`. The message holds no part of the URI, except a counter, a number
 *   of digits or a period that is out of range. A URI may have at most 65,536 characters.
 *
 * @example
 * parseOtpauthUri('otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example');
 * // { type: 'totp', account: 'alice@google.com', issuer: 'Example', secret: 'JBSWY3DPEHPK3PXP',
 * //   algorithm: 'SHA-1', digits: 6, period: 30 }
 */
export function parseOtpauthUri(uri: string, options: ParseOtpauthOptions = {}): OtpauthKey {
  checkKnown(options, ['strict'], 'options');
  const isStrict = checkStrict(options.strict);
  const { host, path, query } = partsOf(uri, isStrict);
  const type = checkKind(host.toLowerCase());
  const parameters = parametersOf(query, isStrict);
  const { account, issuer } = isStrict
    ? strictNames(path, parameters.get('issuer'))
    : namesOf(percentDecoded(path, 'account'), (prefix) =>
        issuerOf(prefix, parameters.get('issuer')),
      );
  const base = {
    type,
    account,
    ...(issuer !== undefined && { issuer }),
    secret: secretOf(required(parameters, 'secret'), isStrict),
    algorithm: algorithmOf(parameters.get('algorithm')?.text, isStrict),
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
  return { ...base, counter: exactCounter(wholeNumber(parameters, 'counter')!, 'counter') };
}

/** Returns a counter as a number if that is exact. */
export function exactCounter(value: bigint, field: string): number | bigint {
  const counter = checkCounter(value, field);
  return counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter;
}

/**
 * Account and issuer of a label such as `Example: alice`.
 *
 * @param issuerBeside - Returns the issuer beside the label, or an empty text. It gets the prefix
 *   of the label, and its result counts before the prefix.
 * @param place - Returns the names of `account` and `issuer` in errors.
 */
export function namesOf(
  label: string,
  issuerBeside: (prefix: string) => string,
  place: (field: 'account' | 'issuer') => string = (field) => field,
): Names {
  const colon = label.indexOf(':');
  const prefix = withoutOuterSpaces(label.slice(0, Math.max(colon, 0)));
  const issuer = withoutOuterSpaces(issuerBeside(prefix)) || prefix || undefined;
  return {
    account: checkNameText(withoutOuterSpaces(label.slice(colon + 1)), place('account')),
    issuer: issuer === undefined ? undefined : checkNameText(issuer, place('issuer')),
  };
}

/**
 * The issuer of the parameter. Its `+` is a plus if the result then equals the prefix, or else a
 * space.
 */
function issuerOf(prefix: string, parameter: Value | undefined): string {
  if (parameter === undefined) return '';
  const literal = withoutOuterSpaces(percentDecoded(parameter.raw, 'issuer'));
  return literal === prefix ? literal : parameter.text;
}

/** The rule of the format: accountname / issuer (":" / "%3A") *"%20" accountname. */
function strictNames(path: string, parameter: Value | undefined): Names {
  const label = percentDecoded(path, 'account');
  const colon = label.indexOf(':');
  let start = colon + 1;
  while (label[start] === ' ') start++;
  const account = checkName(label.slice(start), 'account');
  const prefix = label.slice(0, Math.max(colon, 0)) || undefined;
  const issuer = parameter?.text || prefix;
  if (prefix !== undefined && issuer !== prefix) {
    throw optionError(
      'issuer',
      'the parameter differs from the prefix of the label',
      'make them equal',
    );
  }
  return { account, issuer: issuer === undefined ? undefined : checkName(issuer, 'issuer') };
}

/**
 * Splits a URI into type, label and query. Does not use `new URL`: older browsers find no host in
 * an unknown scheme, and others take an account named `..` for a path. Does not use a regular
 * expression, which would keep the URI with its secret in `RegExp.$_`.
 */
function partsOf(uri: string, isStrict: boolean): { host: string; path: string; query: string } {
  checkUriLength(uri);
  const text = typeof uri === 'string' && !isStrict ? uri.trim() : uri;
  if (isOfScheme(text, SCHEME)) {
    const rest = before(text.slice(SCHEME.length + '://'.length), '#');
    const address = before(rest, '?');
    const slash = address.indexOf('/');
    if (slash >= 0) {
      const query = rest.slice(address.length + 1);
      return { host: address.slice(0, slash), path: address.slice(slash + 1), query };
    }
  }
  if (isOfScheme(text, MIGRATION_SCHEME)) {
    throw optionError(
      'uri',
      'an export of several keys',
      'hand it to parseOtpauthMigration of totp-token/otpauth-migration',
    );
  }
  throw optionError('uri', 'not a key URI', 'write otpauth://totp/issuer:account?secret=...');
}

/** The known parameters by their names in lower case. Unknown parameters are not checked. */
function parametersOf(query: string, isStrict: boolean): ReadonlyMap<Parameter, Value> {
  if (isStrict) percentDecoded(query, 'uri');
  const found = new Map<Parameter, Value>();
  for (const part of query.split('&')) {
    const key = before(part, '=');
    const name = knownName(key);
    if (name === undefined) continue;
    const raw = part.slice(key.length + 1);
    const text = percentDecoded(raw.replaceAll('+', ' '), name);
    if (text === '' && !isStrict) continue;
    const earlier = found.get(name);
    if (earlier !== undefined && (isStrict || earlier.text !== text)) {
      throw optionError(name, 'the parameter occurs twice', 'write it once');
    }
    found.set(name, { raw, text });
  }
  return found;
}

function knownName(key: string): Parameter | undefined {
  let name: string;
  try {
    name = decodeURIComponent(key).toLowerCase();
  } catch {
    return undefined;
  }
  return PARAMETERS.find((known) => known === name);
}

function required(parameters: ReadonlyMap<Parameter, Value>, name: Parameter): string {
  const value = parameters.get(name);
  if (value === undefined)
    throw optionError(name, 'the parameter is missing', `add ${name}=... to the query`);
  return value.text;
}

function wholeNumber(
  parameters: ReadonlyMap<Parameter, Value>,
  name: Parameter,
): bigint | undefined {
  const text = parameters.get(name)?.text;
  if (text === undefined) return undefined;
  // Does not use a regular expression, which would keep the text in `RegExp.$_`.
  const isDigits =
    text !== '' &&
    text.length <= MAX_COUNTER_DIGITS &&
    [...text].every((char) => char >= '0' && char <= '9');
  if (!isDigits) throw optionError(name, 'not a whole number', 'write decimal digits');
  return BigInt(text);
}

function secretOf(text: string, isStrict: boolean): string {
  if (isStrict && [...text].some((char) => char < ' ' || char > '~')) {
    throw optionError('secret', 'not base32', 'write the letters A-Z and the digits 2-7');
  }
  return canonicalSecret(text);
}

function algorithmOf(text: string | undefined, isStrict: boolean): Algorithm {
  if (text === undefined) return 'SHA-1';
  const algorithm = algorithmNamed(text);
  const isForeign = isStrict && !text.toLowerCase().startsWith('sha');
  if (algorithm === undefined || isForeign)
    throw optionError('algorithm', 'not a hash of TOTP', 'write SHA1, SHA256 or SHA512');
  return algorithm;
}

function checkStrict(value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw optionError('strict', `got ${described(value)}`, 'write true or false');
}
