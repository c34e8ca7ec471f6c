import { basename, extname } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import { parse as parseToml, TomlError } from 'smol-toml';
import { optionError } from '../errors.js';
import { shownPath } from '../text/safe.js';
import { scanJson } from './scan-json.js';
import { checkShape, fieldPath, type Keyring, type ReadKeyring } from './shape.js';
import { readSecretText } from './small-file.js';
import { hasVariables, keyringOfVariables, VARIABLES, type Variables } from './variables.js';

export type KeyringFormat = 'json' | 'toml' | 'env';

/**
 * Reads a key file: JSON or TOML with any number of hosts, or a dotenv file with one.
 *
 * @throws {VerifierError} `ERR_OPTION`: it cannot be read, parsed or understood. The message names
 *   the file and the place, and quotes nothing of what stands there: it may be a secret.
 */
export function readKeyring(path: string): ReadKeyring {
  const { text, warnings } = readSecretText(path, 'key file');
  return { keyring: parseKeyring(path, text).keyring, warnings };
}

/**
 * The keyring in the text of a key file.
 *
 * @param path - The file's name, which tells the format where it can, and for messages.
 * @throws {VerifierError} As `readKeyring`.
 */
export function parseKeyring(
  path: string,
  text: string,
): { readonly keyring: Keyring; readonly format: KeyringFormat } {
  const name = shownPath(path);
  const format = formatOfName(path) ?? formatOfText(text);
  if (format === 'env') {
    const keyring = keyringOfVariables(parseDotenv(text), whereInDotenv(name, text));
    return { keyring, format };
  }

  const { value, lineOf } = format === 'json' ? readJson(name, text) : readToml(name, text);
  const place = (field: string): string => {
    const line = lineOf(field);
    const where = line === undefined ? name : `${name}, line ${line}`;
    return field === '' ? where : `${where}: ${field}`;
  };
  const shape = checkShape(value, (parts, fault, fix) => {
    throw optionError(place(fieldPath(parts)), fault, fix);
  });
  return { keyring: { ...shape, place }, format };
}

/** The format that a file's name promises. */
export function formatOfName(path: string): KeyringFormat | undefined {
  const base = basename(path).toLowerCase();
  if (base === '.env' || base.startsWith('.env.') || extname(base) === '.env') return 'env';
  return ({ '.json': 'json', '.toml': 'toml' } as const)[extname(base)];
}

function formatOfText(text: string): KeyringFormat {
  if (/^\s*\{/.test(text)) return 'json';
  return Object.values(VARIABLES).some((name) => lineOfVariable(text, name) !== undefined)
    ? 'env'
    : 'toml';
}

interface Document {
  readonly value: unknown;
  /** Undefined where it is not known. */
  readonly lineOf: (field: string) => number | undefined;
}

function readJson(name: string, text: string): Document {
  const scan = scanJson(text);
  if (!scan.ok) {
    const { line, column, fault, fix } = scan;
    throw optionError(`${name}, line ${line}, column ${column}`, `not valid JSON: ${fault}`, fix);
  }
  const { lines, repeated } = scan;
  // A list of one key has no index in the library's fields.
  const lineOf = (field: string) =>
    lines.get(field) ?? lines.get(field.replace(/\.(?=\w+$)/, '[0].'));
  if (repeated !== undefined) {
    const where = `${name}, line ${lineOf(repeated)}`;
    throw optionError(where, 'a name stands twice in one table', 'keep one of them');
  }
  return { value: JSON.parse(text), lineOf };
}

function readToml(name: string, text: string): Document {
  try {
    return { value: parseToml(text), lineOf: () => undefined };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Its message quotes the lines around the fault, and they hold secrets.
    throw optionError(
      `${name}, line ${error.line}, column ${error.column}`,
      'not valid TOML',
      'a text stands in double quotes, a host in [hosts."example.com"], and no name stands twice',
    );
  }
}

function whereInDotenv(name: string, text: string) {
  return (variable: string | undefined): string => {
    const line = variable === undefined ? undefined : lineOfVariable(text, variable);
    return line === undefined ? `${name}: ` : `${name}, line ${line}: `;
  };
}

function lineOfVariable(text: string, variable: string): number | undefined {
  const assignment = new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*[=:]`);
  const index = text.split(/\r?\n/).findLastIndex((line) => assignment.test(line));
  return index < 0 ? undefined : index + 1;
}

/** Names a key file. */
export const KEYS_VARIABLE = 'TOTP_TOKEN_KEYS';

/** Whether the environment names any keys, good or bad. */
export const namesKeys = (env: Variables): boolean =>
  Boolean(env[KEYS_VARIABLE]) || hasVariables(env);

/**
 * The keys that the environment names: a file before single values.
 *
 * @returns Undefined where it names no keys.
 * @throws {VerifierError} `ERR_OPTION`: they are not usable.
 */
export function keyringOfEnvironment(env: Variables): ReadKeyring | undefined {
  const path = env[KEYS_VARIABLE];
  if (path) return readKeyring(path);
  return hasVariables(env)
    ? { keyring: keyringOfVariables(env, () => ''), warnings: [] }
    : undefined;
}
