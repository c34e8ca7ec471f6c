import type { Command, Connection } from './connection.js';
import type { Settings } from './options.js';

/** Some centuries: the key is kept as long as the server keeps anything. */
const FOR_EVER_MS = 10_000_000_000_000;

/** What a server tells of its memory with every answer. */
export interface MemoryFacts {
  /** The time by its own clock, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: number;
  /** How many keys it has evicted since its start, or since somebody set the count back. */
  readonly evictedKeys: number;
  /** What it holds as the key of `creationKey`; undefined for nothing. */
  readonly creation: string | undefined;
}

/** Where a server keeps since when it remembers. Named by no step, so no mark is called that. */
export const creationKey = (prefix: string): string => `${prefix}creation`;

/**
 * When a server's memory was created: a key that the first guard writes and nobody deletes, with the
 * time and some random characters. If the key is gone or has another value, the server was emptied,
 * such as by `FLUSHALL` or a restart that saved nothing, and marks went with it.
 *
 * The key is written only within `marginMs` of the time in it, by an expiry that is then put off: the
 * time in it is never earlier than the memory by more than that.
 *
 * @param nowMs - A time that the server has told a moment ago.
 * @returns The value of the key now; undefined if the server did not take it, or too slowly.
 */
export async function creationOf(
  connection: Connection,
  { prefix, marginMs }: Settings,
  nowMs: number,
): Promise<string | undefined> {
  const key = creationKey(prefix);
  const creation = `${nowMs} ${crypto.randomUUID()}`;
  const commands: Command[] = [
    ['SET', key, creation, 'NX', 'PXAT', String(nowMs + marginMs)],
    ['PEXPIREAT', key, String(FOR_EVER_MS)],
    ['GET', key],
  ];
  const replies = await connection.oneByOne(commands);
  return textOf(replies[2]);
}

/** The time in the key's value, in milliseconds by the server's clock; 0 if there is none. */
export const timeOfCreation = (creation: string): number =>
  Number(/^\d+(?= )/.exec(creation)?.[0] ?? 0);

/** What a key holds; undefined for nothing. */
export const textOf = (reply: unknown): string | undefined =>
  typeof reply === 'string' ? reply : undefined;
