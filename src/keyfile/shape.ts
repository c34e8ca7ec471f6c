import type { Algorithm, HostKeys, StepWindow, TokenOptions } from '../index.js';
import { algorithmNamed } from '../mac/hmac.js';
import { closest } from '../text/suggest.js';

/** The content of a key file. Seeds, secrets, hosts and ranges are not checked yet. */
export interface KeyringShape {
  readonly hosts: Readonly<Record<string, HostKeys | readonly HostKeys[]>>;
  readonly period?: number | undefined;
  readonly digits?: number | undefined;
  readonly algorithm?: Algorithm | undefined;
  readonly window?: Partial<StepWindow> | undefined;
  /** The times of a rotation by host, in the order of the host's keys. */
  readonly times?: Readonly<Record<string, readonly KeyTimes[]>> | undefined;
}

/**
 * Times that `totp-token keys` writes beside a key during a rotation, in milliseconds since
 * 1970-01-01T00:00:00Z. Verifiers and issuers ignore them. Only the order of the keys counts.
 */
export interface KeyTimes {
  /** When every verifier has the key, so that it may sign. If absent, it may sign now. */
  readonly issueAfter?: number | undefined;
  /** When all tokens of the key have expired. If absent, the key is not being retired. */
  readonly retireAfter?: number | undefined;
}

/** Keys and their rules, from any source. */
export interface Keyring extends KeyringShape {
  /** Returns the user's name for a field of the library, with file and line if there are any. */
  readonly place: (field: string) => string;
}

/** A keyring, and warnings for the owner of its file. */
export interface ReadKeyring {
  readonly keyring: Keyring;
  readonly warnings: readonly string[];
}

/** The options that an issuer and a verifier share. */
export function tokenOptions({ hosts, period, digits, algorithm }: Keyring): TokenOptions {
  return { hosts, period, digits, algorithm };
}

/**
 * Ends the check with an error. `fault` says what is wrong, and `fix` what to write. Neither quotes
 * a value.
 */
export type Fail = (path: readonly PathPart[], fault: string, fix: string) => never;

type Table = Readonly<Record<string, unknown>>;

const FIELDS = ['hosts', 'period', 'digits', 'algorithm', 'window'] as const;
const KEY_FIELDS = ['otpSeed', 'tokenSecret'] as const;
const TIME_FIELDS = ['issueAfter', 'retireAfter'] as const;
/** RFC 3339 in UTC, whole seconds. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const EXAMPLE = '"example.com": { "otpSeed": …, "tokenSecret": … }';

/** Checks that every field is known and has its type. The library checks the values. */
export function checkShape(value: unknown, fail: Fail): KeyringShape {
  if (!isTable(value))
    return fail([], 'not a table of fields', `write { "hosts": { ${EXAMPLE} } }`);
  if (!Object.hasOwn(value, 'hosts') && Object.values(value).some(looksLikeKeys)) {
    return fail([], 'hosts must be in a table of their own', `write { "hosts": { ${EXAMPLE} } }`);
  }
  checkKnown(value, FIELDS, [], fail);
  const { hosts, algorithm, window } = value;
  const checked = checkHosts(hosts, fail);
  return {
    hosts: checked,
    times: timesOf(hosts as Readonly<Record<string, Table | readonly Table[]>>, fail),
    period: checkNumber(value.period, ['period'], fail),
    digits: checkNumber(value.digits, ['digits'], fail),
    algorithm: algorithm === undefined ? undefined : checkAlgorithm(algorithm, fail),
    window: window === undefined ? undefined : checkWindow(window, fail),
  };
}

function looksLikeKeys(value: unknown): boolean {
  return isTable(value) && KEY_FIELDS.some((field) => Object.hasOwn(value, field));
}

function checkHosts(hosts: unknown, fail: Fail): KeyringShape['hosts'] {
  if (hosts === undefined) return fail([], 'hosts is missing', `write "hosts": { ${EXAMPLE} }`);
  if (!isTable(hosts)) return fail(['hosts'], 'not a table of hosts', `write { ${EXAMPLE} }`);
  const entries = Object.entries(hosts);
  if (entries.length === 0) return fail(['hosts'], 'no host in it', `write { ${EXAMPLE} }`);
  if (KEY_FIELDS.some((field) => typeof hosts[field] === 'string')) {
    return fail(['hosts'], 'keys without the name of their host', `write { ${EXAMPLE} }`);
  }
  return Object.fromEntries(entries.map(([host, keys]) => [host, checkHost(host, keys, fail)]));
}

function checkHost(host: string, keys: unknown, fail: Fail): HostKeys | readonly HostKeys[] {
  if (Array.isArray(keys))
    return keys.map((key, index) => checkKeys(key, ['hosts', host, index], fail));
  return checkKeys(keys, ['hosts', host], fail);
}

function checkKeys(keys: unknown, path: readonly PathPart[], fail: Fail): HostKeys {
  if (!isTable(keys))
    return fail(path, 'not a pair of keys', 'write { "otpSeed": …, "tokenSecret": … }');
  checkKnown(keys, [...KEY_FIELDS, ...TIME_FIELDS], path, fail);
  const text = (field: (typeof KEY_FIELDS)[number]): string => {
    const value = keys[field];
    if (value === undefined)
      return fail(path, `${field} is missing`, 'totp-token keygen makes one');
    return typeof value === 'string'
      ? value
      : fail([...path, field], 'not a text', 'put it in double quotes');
  };
  return { otpSeed: text('otpSeed'), tokenSecret: text('tokenSecret') };
}

/** Reads the times beside the keys of each host. The shape was checked before. */
function timesOf(
  hosts: Readonly<Record<string, Table | readonly Table[]>>,
  fail: Fail,
): KeyringShape['times'] {
  return Object.fromEntries(
    Object.entries(hosts).map(([host, keys]) => {
      const path = (index: number) =>
        Array.isArray(keys) ? ['hosts', host, index] : ['hosts', host];
      const all = [keys].flat() as readonly Table[];
      return [host, all.map((key, index) => timesOfKey(key, path(index), fail))];
    }),
  );
}

function timesOfKey(key: Table, path: readonly PathPart[], fail: Fail): KeyTimes {
  const time = (field: (typeof TIME_FIELDS)[number]): number | undefined => {
    const value = key[field];
    if (value === undefined) return undefined;
    const time = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time)
      ? fail([...path, field], 'not a time', 'write it as "2026-01-31T12:00:00Z"')
      : time;
  };
  return { issueAfter: time('issueAfter'), retireAfter: time('retireAfter') };
}

/** Writes a time for a key file: RFC 3339 in UTC. Fractions of a second are rounded up. */
export const instantText = (timeMs: number): string =>
  new Date(Math.ceil(timeMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');

function checkAlgorithm(value: unknown, fail: Fail): Algorithm {
  const fix = `write one of ${ALGORITHM_NAMES}`;
  return algorithmNamed(value) ?? fail(['algorithm'], 'not a known algorithm', fix);
}

function checkWindow(value: unknown, fail: Fail): Partial<StepWindow> {
  if (!isTable(value))
    return fail(['window'], 'not a table', 'write { "past": 1, "future": 1 }, in steps');
  checkKnown(value, ['past', 'future'], ['window'], fail);
  const past = checkNumber(value.past, ['window', 'past'], fail);
  const future = checkNumber(value.future, ['window', 'future'], fail);
  return { ...(past === undefined ? {} : { past }), ...(future === undefined ? {} : { future }) };
}

function checkNumber(value: unknown, path: readonly PathPart[], fail: Fail): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  return fail(path, 'not a number', 'write it without quotes');
}

/**
 * Refuses unknown names. Quotes a name only if it is close to a known one. Any other could be a
 * value in the wrong place.
 */
function checkKnown(
  table: Table,
  known: readonly string[],
  path: readonly PathPart[],
  fail: Fail,
): void {
  const index = Object.keys(table).findIndex((name) => !known.includes(name));
  if (index < 0) return;
  const name = Object.keys(table)[index]!;
  const guess = closest(name, known);
  const list = `known are ${known.join(', ')}`;
  if (guess === undefined) fail(path, `field ${index + 1} is not known`, list);
  fail(path, `${name} is not a known field`, `did you mean ${guess}? ${list}`);
}

function isTable(value: unknown): value is Table {
  // A TOML date is an object too.
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

/** The names of the hashes, for messages. */
export const ALGORITHM_NAMES = 'SHA-1, SHA-256, SHA-512';

export type PathPart = string | number;

/**
 * Writes the path of a field in a keyring, in the form of `VerifierError.field`:
 * `hosts["example.com"][1].otpSeed`.
 */
export function fieldPath(parts: readonly PathPart[]): string {
  return parts.map((part, depth) => segment(part, depth, parts[0])).join('');
}

function segment(part: PathPart, depth: number, root: PathPart | undefined): string {
  if (typeof part === 'number') return `[${part}]`;
  if (depth === 0) return part;
  return depth === 1 && root === 'hosts' ? `[${JSON.stringify(part)}]` : `.${part}`;
}
