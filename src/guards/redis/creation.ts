import type { Command, Connection } from './connection.js';
import type { Settings } from './options.js';

/** Some centuries. The key is kept as long as the server keeps anything. */
const FOR_EVER_MS = 10_000_000_000_000;

/** Facts about a server's memory, which it reports with every answer. */
export interface MemoryFacts {
  /** The time by its own clock, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: number;
  /** How many keys the server has evicted since its start, or since somebody reset the count. */
  readonly evictedKeys: number;
  /** The value of the key `creationKey`. Undefined if the key does not exist. */
  readonly creation: string | undefined;
}

/**
 * The name of the key that says since when a server remembers. It contains no step, so no mark has
 * this name.
 */
export const creationKey = (prefix: string): string => `${prefix}creation`;

/**
 * Reads, or writes for the first time, the key that says when a server's memory was created. Its
 * value is the time and some random characters. No guard deletes it. If the key is gone or has
 * another value, the server was emptied, for example by `FLUSHALL` or a restart without saved data,
 * and its marks are lost.
 *
 * The key is written with an expiry `marginMs` after the time in it, which is extended afterwards.
 * So the key cannot be written later than that: the memory began at most `marginMs` after the time
 * in the key.
 *
 * @param nowMs - A time that the server reported a moment ago.
 * @returns The present value of the key. Undefined if the server did not write it, or was too slow.
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

/** The time in the key's value, in milliseconds by the server's clock. 0 if there is no time. */
export const timeOfCreation = (creation: string): number =>
  Number(/^\d+(?= )/.exec(creation)?.[0] ?? 0);

/** The value of a key from its reply. Undefined if the key does not exist. */
export const textOf = (reply: unknown): string | undefined =>
  typeof reply === 'string' ? reply : undefined;
