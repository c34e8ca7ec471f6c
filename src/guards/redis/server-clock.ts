/**
 * The latest time that any server has reported, in milliseconds since 1970-01-01T00:00:00Z.
 *
 * Only the servers' clock decides which steps are over, because the servers forget marks by it.
 * Otherwise a verifier with a slow clock could accept a token that they have forgotten. The time
 * never goes back, so a step that is over stays over.
 */
export class ServerClock {
  #latestMs = 0;

  get nowMs(): number {
    return this.#latestMs;
  }

  /** @param reply - The reply to `TIME`: seconds and microseconds. */
  take(reply: unknown): number {
    const ms = timeOf(reply);
    this.#latestMs = Math.max(this.#latestMs, ms);
    return this.#latestMs;
  }
}

/** Reads the milliseconds from the reply to `TIME`. */
export function timeOf(reply: unknown): number {
  const [seconds, micros] = Array.isArray(reply) ? reply.map(Number) : [];
  const ms = Math.floor((seconds ?? Number.NaN) * 1000 + (micros ?? Number.NaN) / 1000);
  if (!Number.isSafeInteger(ms)) throw new Error('the server did not tell its time');
  return ms;
}
