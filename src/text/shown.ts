/** Where Node and Bun look for what to print of an object. */
const NODE_INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
/** Where Deno looks. */
const DENO_INSPECT: unique symbol = Symbol.for('Deno.customInspect');

/** What a log may show of an object: no key, no token, no jid. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** An object that prints as its `toString` says in Node, Deno and Bun. */
export abstract class Shown {
  /** @internal */
  [NODE_INSPECT](): string {
    return printed(this);
  }

  /** @internal */
  [DENO_INSPECT](): string {
    return printed(this);
  }
}

/** A proxy, as frameworks make them, has no private fields to tell of, but it may be printed. */
function printed(object: Shown): string {
  try {
    return object.toString();
  } catch {
    return Object.prototype.toString.call(object);
  }
}

/** A name and facts as one line, such as `TokenIssuer { hosts: ["example.com"] }`. */
export function shown(name: string, facts: Facts): string {
  const parts = Object.entries(facts).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return parts.length === 0 ? `${name} {}` : `${name} { ${parts.join(', ')} }`;
}

/** Names that a log line has room for. */
const MOST_NAMES = 8;

/** The first names of a list, and how many more there are. */
export function firstOf(names: readonly string[]): readonly string[] {
  const more = names.length - MOST_NAMES;
  return more > 0 ? [...names.slice(0, MOST_NAMES), `and ${more} more`] : names;
}
