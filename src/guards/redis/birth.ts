import type { Command, Connection } from './connection.js';
import type { Settings } from './options.js';

/** Some centuries: a birth is kept as long as the server keeps anything. */
const FOR_EVER_MS = 10_000_000_000_000;

/** What a server tells of its memory with every answer. */
export interface MemoryFacts {
  /** The time by its own clock, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: number;
  /** How many keys it has evicted since its start, or since somebody set the count back. */
  readonly evictedKeys: number;
  /** Its birth; undefined if it has none. */
  readonly birth: string | undefined;
}

/** Where a server keeps since when it remembers. Named by no step, so no mark is called that. */
export const birthKey = (prefix: string): string => `${prefix}birth`;

/**
 * The birth of a server's memory: a key that the first guard writes and nobody deletes, with the
 * time and some random characters. If it is gone or another one, the server was emptied, such as by
 * `FLUSHALL` or a restart that saved nothing, and marks went with it.
 *
 * It is written only within `marginMs` of the time that it tells, by an expiry that is then put off:
 * a birth is never earlier than the memory by more than that.
 *
 * @param nowMs - A time that the server has told a moment ago.
 * @returns The birth that it has now; undefined if it took none, or too slowly.
 */
export async function bornAt(
  connection: Connection,
  { prefix, marginMs }: Settings,
  nowMs: number,
): Promise<string | undefined> {
  const key = birthKey(prefix);
  const birth = `${nowMs} ${crypto.randomUUID()}`;
  const commands: Command[] = [
    ['SET', key, birth, 'NX', 'PXAT', String(nowMs + marginMs)],
    ['PEXPIREAT', key, String(FOR_EVER_MS)],
    ['GET', key],
  ];
  const replies = await connection.oneByOne(commands);
  return textOf(replies[2]);
}

/** The time in a birth, in milliseconds by the server's clock; 0 if it has none. */
export const timeOfBirth = (birth: string): number => Number(/^\d+(?= )/.exec(birth)?.[0] ?? 0);

/** What a key holds; undefined for nothing. */
export const textOf = (reply: unknown): string | undefined =>
  typeof reply === 'string' ? reply : undefined;
