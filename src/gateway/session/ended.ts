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
   * @param jid - Whose it is, in its one spelling.
   */
  hasEnded(id: string, began: number, nowSeconds: number, jid: string): boolean | Promise<boolean>;
  /**
   * Ends all sessions of an account that began up to a moment. Default: that cannot be done here.
   */
  revoke?(revocation: Revocation, nowSeconds: number): void | Promise<void>;
  /** What is remembered. Default: that cannot be told. */
  list?(nowSeconds: number): EndedList | Promise<EndedList>;
}

/** The end of all sessions of an account that began up to a moment. Times are Unix seconds. */
export interface Revocation {
  /** The account, in its one spelling. */
  readonly jid: string;
  /** Sessions that began up to here have ended. */
  readonly upTo: number;
  /** When the last of them would have ended by itself. */
  readonly until: number;
}

/** What is remembered of sessions that ended before their time. */
export interface EndedList {
  /** How many ended one by one. */
  readonly ended: number;
  /** Accounts whose sessions were revoked. */
  readonly revoked: readonly Revocation[];
  /** All sessions that began up to here have ended: seconds since 1970; null: none for that. */
  readonly allUpTo: number | null;
}

/** Accounts whose sessions were revoked, and are remembered. */
const MOST_REVOKED = 10_000;

/**
 * Ended sessions in memory, a bounded number of them. When there is no room, all sessions so far
 * end, which is safe: their owners log in again.
 */
export class EndedInMemory implements EndedSessions {
  readonly #capacity: number;
  /** Until when each has to be remembered. */
  readonly #ended = new Map<string, number>();
  readonly #revoked = new Map<string, Revocation>();
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
    // A second logout of one session needs no more room.
    const isFull = () => this.#ended.size >= this.#capacity && !this.#ended.has(id);
    if (isFull()) this.#sweep(nowSeconds);
    if (isFull()) this.endAll(nowSeconds);
    else this.#ended.set(id, until);
  }

  /** Ends all sessions that began up to a moment. */
  endAll(upTo: number): void {
    if (upTo <= this.#allUpTo) return;
    this.#allUpTo = upTo;
    this.#ended.clear();
    for (const { jid, upTo: revoked } of this.#revoked.values())
      if (revoked <= upTo) this.#revoked.delete(jid);
  }

  /** Each account whose sessions were revoked. */
  revocations(): Iterable<Revocation> {
    return this.#revoked.values();
  }

  revoke(revocation: Revocation, nowSeconds: number): void {
    const { jid, upTo, until } = revocation;
    const before = this.#revoked.get(jid);
    if (before === undefined && this.#revoked.size >= MOST_REVOKED) {
      for (const each of this.#revoked.values())
        if (each.until <= nowSeconds) this.#revoked.delete(each.jid);
      if (this.#revoked.size >= MOST_REVOKED) {
        // Nothing is forgotten: that account's sessions end with all others.
        this.endAll(Math.max(upTo, nowSeconds));
        return;
      }
    }
    // Of two that cross on their way each counts.
    this.#revoked.set(jid, {
      jid,
      upTo: Math.max(upTo, before?.upTo ?? upTo),
      until: Math.max(until, before?.until ?? until),
    });
  }

  list(nowSeconds: number): EndedList {
    return {
      ended: [...this.#ended.values()].filter((until) => until > nowSeconds).length,
      revoked: [...this.#revoked.values()].filter(({ until }) => until > nowSeconds),
      allUpTo: Number.isFinite(this.#allUpTo) ? this.#allUpTo : null,
    };
  }

  hasEnded(id: string, began: number, _nowSeconds?: number, jid = ''): boolean {
    if (began <= this.#allUpTo || this.#ended.has(id)) return true;
    if (this.#revoked.size === 0) return false;
    return began <= (this.#revoked.get(jid)?.upTo ?? Number.NEGATIVE_INFINITY);
  }

  #sweep(nowSeconds: number): void {
    for (const [id, until] of this.#ended) if (until <= nowSeconds) this.#ended.delete(id);
  }
}
