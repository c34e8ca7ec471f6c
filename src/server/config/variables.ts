import type { z } from 'zod';
import { optionError } from '../../errors.js';
import { ConfigSchema } from './schema.js';

/**
 * Every variable starts with this. The variable of `limits.bodyBytes` is
 * `TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES`.
 */
export const VARIABLE_PREFIX = 'TOTP_TOKEN_GATEWAY_';

type Kind = 'string' | 'number' | 'boolean' | 'array';
interface Leaf {
  readonly path: readonly string[];
  readonly kind: Kind;
}
type Tables = Record<string, unknown>;

/** Unwraps a schema from its defaults and optional wrappers. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while ('innerType' in inner._zod.def) inner = inner._zod.def.innerType as z.core.$ZodType;
  return inner;
}

function leavesOf(schema: z.core.$ZodType, path: readonly string[] = []): Leaf[] {
  const { def } = bare(schema)._zod;
  if ('shape' in def) {
    const shape = def.shape as Record<string, z.core.$ZodType>;
    return Object.entries(shape).flatMap(([name, field]) => leavesOf(field, [...path, name]));
  }
  // Hosts have no variables, because the name of a host cannot be part of a variable's name.
  if (def.type === 'record') return [];
  const kind =
    (['number', 'boolean', 'array'] as const).find((each) => each === def.type) ?? 'string';
  return [{ path, kind: (def.type as string) === 'int' ? 'number' : kind }];
}

const LEAVES = leavesOf(ConfigSchema);

/** The variable of a field. */
export function variableOf(path: readonly PropertyKey[]): string {
  const words = path.map((part) => String(part).replace(/[A-Z]/g, (letter) => `_${letter}`));
  return VARIABLE_PREFIX + words.join('_').toUpperCase();
}

/**
 * Returns the name by which the operator knows a variable: the option of the command that set it,
 * or the variable's own name.
 */
export type CallVariable = (variable: string) => string;

const asItIs: CallVariable = (variable) => variable;

/**
 * Returns a function that names a field of the configuration for the operator: by the option or
 * variable that set the field, or else by the file and the field.
 *
 * @param name - The name of the file, for messages. Undefined if there is no file.
 */
export function placesOf(
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  called: CallVariable = asItIs,
): (field: string) => string {
  const set = LEAVES.filter(({ path }) => env[variableOf(path)]);
  return (field) => {
    // An item of a list belongs to the list's field: proxies.trusted.0, guard.redis.nodes[0].
    const leaf = set.find(({ path }) => {
      const known = path.join('.');
      return field === known || field.startsWith(`${known}.`) || field.startsWith(`${known}[`);
    });
    if (leaf !== undefined) return called(variableOf(leaf.path));
    return name === undefined ? field : `${name}: ${field}`;
  };
}

/**
 * Returns a configuration overridden by the variables of the environment. An empty variable counts
 * as not set.
 *
 * @throws {VerifierError} `ERR_OPTION`: a variable with our prefix names no field, or its value is
 *   not of the field's kind.
 */
export function withVariables(
  file: Tables,
  env: Readonly<Record<string, string | undefined>>,
  called: CallVariable = asItIs,
): Tables {
  const value = { ...file };
  const byName = new Map(LEAVES.map((leaf) => [variableOf(leaf.path), leaf]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(VARIABLE_PREFIX) || !text) continue;
    const leaf = byName.get(name);
    if (leaf === undefined)
      throw optionError(name, 'no field of the configuration', 'check its name');
    const parsedText = parsed(called(name), text, leaf.kind);
    const table = tableAt(value, leaf.path.slice(0, -1));
    // If the file has something other than a table here, the schema reports it.
    if (table === undefined) continue;
    table[leaf.path.at(-1)!] = parsedText;
  }
  return value;
}

/**
 * Copies the tables along a path into `value`, so that the file's own tables do not change.
 * Undefined if something on the path is not a table.
 */
function tableAt(value: Tables, path: readonly string[]): Tables | undefined {
  let table = value;
  for (const part of path) {
    const next = table[part] ?? {};
    if (typeof next !== 'object' || Array.isArray(next)) return undefined;
    const copy = { ...next };
    table[part] = copy;
    table = copy;
  }
  return table;
}

function parsed(name: string, text: string, kind: Kind): unknown {
  if (kind === 'string') return text;
  if (kind === 'array') return text.split(',').map((item) => item.trim());
  if (kind === 'number' && /^\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  throw optionError(
    name,
    `not a ${kind}`,
    kind === 'number' ? 'write digits' : 'write true or false',
  );
}
