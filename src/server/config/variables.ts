import type { z } from 'zod';
import { optionError } from '../../errors.js';
import { ConfigSchema } from './schema.js';

/** `limits.bodyBytes` is `TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES`. */
export const VARIABLE_PREFIX = 'TOTP_TOKEN_GATEWAY_';

type Kind = 'string' | 'number' | 'boolean' | 'array';
interface Leaf {
  readonly path: readonly string[];
  readonly kind: Kind;
}
type Tables = Record<string, unknown>;

/** The schema inside its defaults and options. */
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
  // Hosts and their files have no variables: names of hosts are not names of variables.
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

/** What the operator calls a variable: the option of the command that set it, or its name. */
export type CallVariable = (variable: string) => string;

const asItIs: CallVariable = (variable) => variable;

/**
 * By what name the operator knows a field of the configuration: the option or the variable that set
 * it, else the file and the field.
 *
 * @param name - The file's, for messages; undefined without one.
 */
export function placesOf(
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  called: CallVariable = asItIs,
): (field: string) => string {
  const set = LEAVES.filter(({ path }) => env[variableOf(path)]);
  return (field) => {
    // An item of a list is its field's: proxies.trusted.0, guard.redis.nodes[0].
    const leaf = set.find(({ path }) => {
      const known = path.join('.');
      return field === known || field.startsWith(`${known}.`) || field.startsWith(`${known}[`);
    });
    if (leaf !== undefined) return called(variableOf(leaf.path));
    return name === undefined ? field : `${name}: ${field}`;
  };
}

/**
 * A configuration with the variables of the environment over it. An empty variable counts as not
 * set.
 *
 * @throws {VerifierError} `ERR_OPTION`: a variable of ours that names no field, or not of the
 *   field's kind.
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
    // Where the file has something else than a table, the schema will say so.
    if (table === undefined) continue;
    table[leaf.path.at(-1)!] = parsedText;
  }
  return value;
}

/** A copy of the table, put into `value`: the file's own tables stay as they are, however deep. */
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
