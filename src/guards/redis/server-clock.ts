/**
 * The latest time that any server has told, in milliseconds since 1970-01-01T00:00:00Z.
 *
 * The servers' clock alone says which steps are over, since it is what they forget by. A verifier
 * whose clock is slow would otherwise take a token that they have forgotten. It never goes back:
 * what was over stays over.
 */
export class ServerClock {
  #latestMs = 0;

  get nowMs(): number {
    return this.#latestMs;
  }

  /** @param reply - Of the command `TIME`: seconds and microseconds. */
  take(reply: unknown): number {
    const ms = timeOf(reply);
    this.#latestMs = Math.max(this.#latestMs, ms);
    return this.#latestMs;
  }
}

/** Milliseconds out of the reply to `TIME`. */
export function timeOf(reply: unknown): number {
  const [seconds, micros] = Array.isArray(reply) ? reply.map(Number) : [];
  const ms = Math.floor((seconds ?? Number.NaN) * 1000 + (micros ?? Number.NaN) / 1000);
  if (!Number.isSafeInteger(ms)) throw new Error('the server did not tell its time');
  return ms;
}
