/**
 * A replay guard outside the verifier's own memory: a store that several processes or machines share.
 *
 * The promise of the whole is that each token is accepted exactly once. A guard keeps its part of it by two rules: of all
 * calls with the same mark, by whomever and whenever until it expires, one is told `fresh`; and in doubt nobody is.
 */
export interface ReplayGuard {
  /**
   * Remembers each mark, and says which were not known before. Both in one: no other call may come in between.
   *
   * @param marks - One a token, all different. At least one.
   * @returns An answer for each, in order. A promise that is rejected, a missing answer or one that comes too late
   *   counts as `unavailable` for all.
   */
  remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]>;
  /** How full it is, for an operator to watch. Default: it cannot tell. */
  state?(): Promise<GuardState>;
  /** Gives connections and files back. Default: nothing to do. */
  close?(): Promise<void>;
}

/** How full a guard is; what it does not know is left out. */
export interface GuardState {
  /** Accepted tokens that are remembered of the fullest step. */
  readonly entries?: number;
  /** Most accepted tokens that a step has room for. */
  readonly capacity?: number;
  /** Bytes that are taken; of several servers, on the fullest one. */
  readonly bytes?: number;
  /** Most bytes that may be taken there. */
  readonly maxBytes?: number;
}

/** What a guard knows of a token. */
export interface ReplayMark {
  /**
   * First 96 bits of the token's MAC, as the first 16 characters of its signature: base64, so `+` and `/` occur. Uniform and not to
   * be guessed without the key, so it spreads well over shards.
   */
  readonly id: string;
  /** The time step of its OTP, T in RFC 6238 §4.2. A mark is its `id` and its `step`. */
  readonly step: number;
  /** When no window reaches the step any more: milliseconds since 1970-01-01T00:00:00Z by the verifier's clock. */
  readonly expiresAtMs: number;
}

/** What a guard says of one mark. */
export type GuardAnswer =
  /** Not known before, and remembered now. */
  | 'fresh'
  /** Known. */
  | 'replayed'
  /** It may have been known once: marks of its step have been dropped. */
  | 'stale'
  /** Cannot be told: full, out of reach, too slow. */
  | 'unavailable';
