import { parse as parseToml, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { optionError, type VerifierError } from '../../errors.js';
import { type Config, ConfigSchema } from './schema.js';
import { type CallVariable, placesOf, variableOf, withVariables } from './variables.js';

type Tables = Record<string, unknown>;

/**
 * Parses the configuration: a TOML file, if there is one, overridden by the environment.
 *
 * @param name - The name of the file in messages.
 * @param called - Maps a variable to the name that the operator knows, such as the option of the
 *   command that set it.
 * @throws {VerifierError} `ERR_OPTION`. The message names the file or variable, the field and the
 *   fix. It quotes no value.
 */
export function parseConfig(
  text: string | undefined,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  called?: CallVariable,
): Config {
  const file = text === undefined ? {} : readToml(text, name);
  refuseDates(file, name);
  refuseSecrets(file, name);
  const result = ConfigSchema.safeParse(withVariables(file, env, called));
  if (result.success) return result.data;
  throw faultOf(result.error, name, placesOf(name, env, called));
}

/** Deeper than any field. The schema refuses deeper nesting. */
const MAX_DEPTH = 8;

/**
 * Refuses dates, which no field takes. A date is an object in JavaScript, so the schema would take
 * it for an empty table.
 */
function refuseDates(value: unknown, name: string, path: readonly string[] = []): void {
  if (value instanceof Date) {
    const where = `${name}: ${path.map(readable).join('.')}`;
    throw optionError(where, 'a date or a time', 'write the value that this field takes');
  }
  if (typeof value !== 'object' || value === null || path.length > MAX_DEPTH) return;
  for (const [field, inner] of Object.entries(value)) refuseDates(inner, name, [...path, field]);
}

/** The name of a field, for a message. Any other text could be a value in the wrong place. */
const readable = (field: string): string => (/^[\w-]{1,40}$/.test(field) ? field : '(unreadable)');

/**
 * Whether an address has a password, as in `redis://user:password@host`. Malformed addresses count
 * too, because a part of them may be a password.
 */
const hasPassword = (address: unknown): boolean =>
  /:.*@|[?&]password=/s.test(String(address).replace(/^[a-z]+:\/\//i, ''));

/** Names under which people write a secret, in any table. */
const SECRET_NAME = /^(?:otp_?seed|token_?secret|(?:session_?|issue_?)?secret|password)$/i;
const KEY_NAME = /^(?:otp_?seed|token_?secret)$/i;
const FROM_FILE = 'name a file with it by';

/**
 * Refuses secrets in the configuration file. They come from files of their own, or from the
 * environment.
 */
function refuseSecrets(value: Tables, name: string, path: readonly string[] = []): void {
  if (path.length > MAX_DEPTH) return;
  for (const [field, inner] of Object.entries(value)) {
    const here = [...path, field];
    const where = `${name}: ${here.map(readableHost).join('.')}`;
    if (SECRET_NAME.test(field) && typeof inner === 'string') {
      const isKey = KEY_NAME.test(field);
      throw optionError(
        where,
        isKey ? 'a key in the configuration' : 'a secret in the configuration',
        isKey
          ? 'put it into a key file and write keys = "FILE", or name files by otpSeedFile and tokenSecretFile'
          : secretFix(here),
      );
    }
    if (path.join('.') === 'guard.redis' && [inner].flat().some(hasPassword)) {
      // The password of the Sentinels may differ from the server's.
      const fix = field === 'sentinels' ? 'leave it out' : 'name a passwordFile';
      const isAddress = ['url', 'nodes', 'quorum', 'sentinels'].includes(field);
      if (isAddress) {
        throw optionError(
          where,
          'a secret in the configuration',
          `${fix}, or set ${variableOf(here)}`,
        );
      }
    }
    for (const table of [inner].flat()) {
      if (typeof table === 'object' && table !== null) refuseSecrets(table as Tables, name, here);
    }
  }
}

function secretFix(path: readonly string[]): string {
  switch (path.join('.')) {
    case 'session.secret':
    case 'issue.secret':
      return `name a secretFile, or set ${variableOf(path)}`;
    case 'guard.redis.password':
      return `name a passwordFile, or set ${variableOf(path)}`;
    default:
      return `${FROM_FILE} session.secretFile, issue.secretFile or guard.redis.passwordFile`;
  }
}

/** Like `readable`, and also shows names of hosts, in quotes. */
const readableHost = (part: string): string =>
  /^[\w.-]{1,100}$/.test(part) && part.includes('.') ? JSON.stringify(part) : readable(part);

function readToml(text: string, name: string): Tables {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message quotes the lines around the fault.
    const where = `${name}, line ${error.line}, column ${error.column}`;
    throw optionError(where, 'not valid TOML', 'correct it');
  }
}

function faultOf(error: z.ZodError, name: string, place: (field: string) => string): VerifierError {
  const issue = error.issues[0]!;
  const field = issue.path.map(String).join('.');
  const where = field === '' ? name : place(field);
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map(readable).join(', ');
    return optionError(where, `unknown fields: ${fields}`, 'check their names');
  }
  return optionError(where, 'not usable', lowerFirst(issue.message));
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
