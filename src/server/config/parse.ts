import { parse as parseToml, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { optionError, type VerifierError } from '../../errors.js';
import { type Config, ConfigSchema } from './schema.js';
import { variableOf, withVariables } from './variables.js';

type Tables = Record<string, unknown>;

/**
 * The configuration: a TOML file, if there is one, and the environment over it.
 *
 * @param name - What to call the file in messages.
 * @throws {VerifierError} `ERR_OPTION`. The message names file or variable, the field and the fix,
 *   and quotes no value.
 */
export function parseConfig(
  text: string | undefined,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const file = text === undefined ? {} : readToml(text, name);
  refuseDates(file, name);
  refuseSecrets(file, name);
  const { value, set } = withVariables(file, env);
  const result = ConfigSchema.safeParse(value);
  if (result.success) return result.data;
  throw faultOf(result.error, name, set);
}

/** Deeper than any field. The schema refuses what is nested further. */
const MAX_DEPTH = 8;

/**
 * No field is a date. One is an object in JavaScript, and the schema would take it for an empty
 * table.
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
 * `redis://user:password@host`, however badly it is written: of a bad address, too, a part may be a
 * password.
 */
const hasPassword = (address: unknown): boolean =>
  /:.*@/s.test(String(address).replace(/^[a-z]+:\/\//i, ''));

/** Secrets come from files of their own, or from the environment. */
function refuseSecrets(file: Tables, name: string): void {
  const tables = file as { session?: Tables; issue?: Tables; guard?: { redis?: Tables } };
  const { redis } = tables.guard ?? {};
  const inAddress = (addresses: unknown) => [addresses].flat().some(hasPassword) || undefined;
  const found: [path: string[], secret: unknown, fix: string][] = [
    [['session', 'secret'], tables.session?.secret, 'name a secretFile'],
    [['issue', 'secret'], tables.issue?.secret, 'name a secretFile'],
    [['guard', 'redis', 'password'], redis?.password, 'name a passwordFile'],
    [['guard', 'redis', 'url'], inAddress(redis?.url), 'name a passwordFile'],
    [['guard', 'redis', 'nodes'], inAddress(redis?.nodes), 'name a passwordFile'],
    [['guard', 'redis', 'quorum'], inAddress(redis?.quorum), 'name a passwordFile'],
    // That of the Sentinels may be another one than the server's.
    [['guard', 'redis', 'sentinels'], inAddress(redis?.sentinels), 'leave it out'],
  ];
  for (const [path, secret, fix] of found) {
    if (secret === undefined) continue;
    const where = `${name}: ${path.join('.')}`;
    throw optionError(where, 'a secret in the configuration', `${fix}, or set ${variableOf(path)}`);
  }
}

function readToml(text: string, name: string): Tables {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message quotes the lines around it.
    const where = `${name}, line ${error.line}, column ${error.column}`;
    throw optionError(where, 'not valid TOML', 'correct it');
  }
}

function faultOf(error: z.ZodError, name: string, set: ReadonlySet<string>): VerifierError {
  const issue = error.issues[0]!;
  const field = issue.path.map(String).join('.');
  const where = set.has(field)
    ? variableOf(issue.path)
    : `${name}${field === '' ? '' : `: ${field}`}`;
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map(readable).join(', ');
    return optionError(where, `fields that are not known: ${fields}`, 'check their names');
  }
  return optionError(where, 'not usable', lowerFirst(issue.message));
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
