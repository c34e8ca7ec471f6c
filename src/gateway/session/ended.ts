/**
 * Where sessions that ended before their time are remembered. With one in a store, a logout counts
 * for all gateways that share the session secret.
 */
export interface EndedSessions {
  /**
   * Ends a session.
   *
   * @param until - When the session and the last of its renewals would have ended by themselves:
   *   seconds since 1970.
   */
  end(id: string, until: number, nowSeconds: number): void | Promise<void>;
  /**
   * Whether a session was ended.
   *
   * @param began - When the session began with a login, whatever renewed it since: seconds since
   *   1970.
   */
  hasEnded(id: string, began: number, nowSeconds: number): boolean | Promise<boolean>;
}

/**
 * Ended sessions in memory, a bounded number of them. When there is no room, all sessions so far
 * end, which is safe: their owners log in again.
 */
export class EndedInMemory implements EndedSessions {
  readonly #capacity: number;
  /** Until when each has to be remembered. */
  readonly #ended = new Map<string, number>();
  #allUpTo = Number.NEGATIVE_INFINITY;

  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#ended.size;
  }

  /**
   * Sessions that began up to here are ended: seconds since 1970; `-Infinity` as long as there was
   * room.
   */
  get allUpTo(): number {
    return this.#allUpTo;
  }

  /** Each that ended by itself, and until when it has to be remembered. */
  entries(): Iterable<readonly [id: string, until: number]> {
    return this.#ended.entries();
  }

  end(id: string, until: number, nowSeconds: number): void {
    if (this.#ended.size >= this.#capacity) this.#sweep(nowSeconds);
    if (this.#ended.size >= this.#capacity) this.endAll(nowSeconds);
    else this.#ended.set(id, until);
  }

  /** Ends all sessions that began up to a moment. */
  endAll(upTo: number): void {
    if (upTo <= this.#allUpTo) return;
    this.#allUpTo = upTo;
    this.#ended.clear();
  }

  hasEnded(id: string, began: number): boolean {
    return began <= this.#allUpTo || this.#ended.has(id);
  }

  #sweep(nowSeconds: number): void {
    for (const [id, until] of this.#ended) if (until <= nowSeconds) this.#ended.delete(id);
  }
}
