import { parse as parseToml, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { optionError, VerifierError } from '../../errors.js';
import { type Config, ConfigSchema } from './config-schema.js';
import { variableOf, withVariables } from './variables.js';

/**
 * The configuration: a TOML file, if there is one, and the environment over it.
 *
 * @param name - What to call the file in messages.
 * @throws {VerifierError} `ERR_OPTION`. The message names file or variable, the field and the fix, and quotes no value.
 */
export function parseConfig(
  text: string | undefined,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const file = text === undefined ? {} : readToml(text, name);
  for (const table of ['session', 'issue']) {
    const secret = (file[table] as { secret?: unknown } | undefined)?.secret;
    if (secret !== undefined) {
      const variable = variableOf([table, 'secret']);
      throw optionError(
        `${name}: ${table}.secret`,
        'a secret in the configuration',
        `name a secretFile, or set ${variable}`,
      );
    }
  }
  const { value, set } = withVariables(file, env);
  const result = ConfigSchema.safeParse(value);
  if (result.success) return result.data;
  throw faultOf(result.error, name, set);
}

function readToml(text: string, name: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The library's message quotes the lines around it.
    throw new VerifierError(
      'ERR_OPTION',
      `${name}, line ${error.line}, column ${error.column}: not valid TOML; correct it`,
    );
  }
}

function faultOf(error: z.ZodError, name: string, set: ReadonlySet<string>): VerifierError {
  const issue = error.issues[0]!;
  const field = issue.path.map(String).join('.');
  const where = set.has(field) ? variableOf(issue.path) : `${name}${field === '' ? '' : `: ${field}`}`;
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map((key) => (/^[\w-]{1,40}$/.test(key) ? key : '(unreadable)')).join(', ');
    return optionError(where, `fields that are not known: ${fields}`, 'check their names');
  }
  return optionError(where, 'not usable', lowerFirst(issue.message));
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
