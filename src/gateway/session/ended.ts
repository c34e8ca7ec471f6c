/**
 * Remembers sessions that ended before their time. If it is in a store, a logout counts for all
 * gateways that share the session secret.
 */
export interface EndedSessions {
  /**
   * Ends a session.
   *
   * @param until - When the session and the last of its renewals would have ended by themselves, in
   *   seconds since 1970.
   */
  end(id: string, until: number, nowSeconds: number): void | Promise<void>;
  /**
   * Whether a session was ended.
   *
   * @param began - When the session began with a login, in seconds since 1970. Renewals do not
   *   change it.
   * @param jid - The account of the session, in its prepared form.
   */
  hasEnded(id: string, began: number, nowSeconds: number, jid: string): boolean | Promise<boolean>;
  /**
   * Ends all sessions of an account that began up to a time. If missing, sessions cannot be
   * revoked.
   */
  revoke?(revocation: Revocation, nowSeconds: number): void | Promise<void>;
  /** Lists the ended sessions. If missing, they cannot be listed. */
  list?(nowSeconds: number): EndedList | Promise<EndedList>;
}

/** The end of all sessions of an account that began up to a time. Times are Unix seconds. */
export interface Revocation {
  /** The account, in its prepared form. */
  readonly jid: string;
  /** Sessions that began up to this time have ended. */
  readonly upTo: number;
  /** When the last of these sessions would have ended by itself. */
  readonly until: number;
}

/** A summary of the sessions that ended before their time. */
export interface EndedList {
  /** How many sessions ended one by one. */
  readonly ended: number;
  /** Accounts whose sessions were revoked. */
  readonly revoked: readonly Revocation[];
  /**
   * All sessions that began up to this time have ended, in seconds since 1970. Null if there is no
   * such time.
   */
  readonly allUpTo: number | null;
}

/** The most revoked accounts that are remembered. */
const MOST_REVOKED = 10_000;

/**
 * Remembers a bounded number of ended sessions in memory. If there is no more room, it ends all
 * sessions that have begun so far. That is safe: their owners log in again.
 */
export class EndedInMemory implements EndedSessions {
  readonly #capacity: number;
  /** Ended sessions by id, each with the time until which it must be remembered. */
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
   * Sessions that began up to this time have ended, in seconds since 1970. `-Infinity` as long as
   * there was room.
   */
  get allUpTo(): number {
    return this.#allUpTo;
  }

  /**
   * The sessions that were ended one by one, each with the time until which it must be remembered.
   */
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

  /** Ends all sessions that began up to a time. */
  endAll(upTo: number): void {
    if (upTo <= this.#allUpTo) return;
    this.#allUpTo = upTo;
    this.#ended.clear();
    for (const { jid, upTo: revoked } of this.#revoked.values())
      if (revoked <= upTo) this.#revoked.delete(jid);
  }

  /** The accounts whose sessions were revoked. */
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
        // There is still no room. All sessions end, this account's too, so nothing is forgotten.
        this.endAll(Math.max(upTo, nowSeconds));
        return;
      }
    }
    // Two revocations may arrive in any order. The later times of both count.
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
