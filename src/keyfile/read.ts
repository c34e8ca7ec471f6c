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
 * @throws {VerifierError} `ERR_OPTION`: the file cannot be read, parsed or understood. The message
 *   names the file and the place. It quotes no content, which may be a secret.
 */
export function readKeyring(path: string): ReadKeyring {
  const { text, warnings } = readSecretText(path, 'key file');
  return { keyring: parseKeyring(path, text).keyring, warnings };
}

/**
 * Parses the text of a key file.
 *
 * @param path - The file's name. It determines the format if it can, and is shown in messages.
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

/** The format according to a file's name. Undefined if the name does not show it. */
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
  /** Returns undefined if the line is not known. */
  readonly lineOf: (field: string) => number | undefined;
}

function readJson(name: string, text: string): Document {
  const scan = scanJson(text);
  if (!scan.ok) {
    const { line, column, fault, fix } = scan;
    throw optionError(`${name}, line ${line}, column ${column}`, `not valid JSON: ${fault}`, fix);
  }
  const { lines, repeated } = scan;
  // The library's fields have no index for a list of one key.
  const lineOf = (field: string) =>
    lines.get(field) ?? lines.get(field.replace(/\.(?=\w+$)/, '[0].'));
  if (repeated !== undefined) {
    const where = `${name}, line ${lineOf(repeated)}`;
    throw optionError(where, 'a name occurs twice in one table', 'keep one of them');
  }
  return { value: JSON.parse(text), lineOf };
}

function readToml(name: string, text: string): Document {
  try {
    return { value: parseToml(text), lineOf: () => undefined };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's message quotes the lines around the fault, which hold secrets.
    throw optionError(
      `${name}, line ${error.line}, column ${error.column}`,
      'not valid TOML',
      'write texts in double quotes, a host as [hosts."example.com"], and each name once',
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

/** The variable that names a key file. */
export const KEYS_VARIABLE = 'TOTP_TOKEN_KEYS';

/** Whether the environment names any keys, valid or not. */
export const namesKeys = (env: Variables): boolean =>
  Boolean(env[KEYS_VARIABLE]) || hasVariables(env);

/**
 * Reads the keys that the environment names. A file comes before single values.
 *
 * @returns Undefined if the environment names no keys.
 * @throws {VerifierError} `ERR_OPTION`: the keys cannot be used.
 */
export function keyringOfEnvironment(env: Variables): ReadKeyring | undefined {
  const path = env[KEYS_VARIABLE];
  if (path) return readKeyring(path);
  return hasVariables(env)
    ? { keyring: keyringOfVariables(env, () => ''), warnings: [] }
    : undefined;
}
