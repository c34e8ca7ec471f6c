/** The method with which Node and Bun print an object. */
const NODE_INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
/** The method with which Deno prints an object. */
const DENO_INSPECT: unique symbol = Symbol.for('Deno.customInspect');

/** Facts about an object for a log. They hold no key, no token and no jid. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** An object that Node, Deno and Bun print by its `toString`. */
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

/**
 * A proxy, such as frameworks make, has no private fields, so its `toString` throws. It can be
 * printed nevertheless.
 */
function printed(object: Shown): string {
  try {
    return object.toString();
  } catch {
    return Object.prototype.toString.call(object);
  }
}

/** Formats a name and facts as one line, such as `TokenIssuer { hosts: ["example.com"] }`. */
export function shown(name: string, facts: Facts): string {
  const parts = Object.entries(facts).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return parts.length === 0 ? `${name} {}` : `${name} { ${parts.join(', ')} }`;
}

/** The most names in a log line. */
const MOST_NAMES = 8;

/** The first names of a list, and how many more there are. */
export function firstOf(names: readonly string[]): readonly string[] {
  const more = names.length - MOST_NAMES;
  return more > 0 ? [...names.slice(0, MOST_NAMES), `and ${more} more`] : names;
}
