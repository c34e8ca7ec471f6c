import { MAX_WINDOW } from '../limits.js';

/**
 * A replay guard outside the verifier's own memory: a store that several processes or machines
 * share.
 *
 * The promise of the whole is that each token is accepted exactly once. A guard keeps its part of
 * it by two rules: of all calls with the same mark, by whomever and whenever until it expires, one
 * is told `fresh`; and in doubt nobody is.
 */
export interface ReplayGuard {
  /**
   * Remembers each mark, and says which were not known before. Both in one: no other call may come
   * in between.
   *
   * @param marks - One a token, all different. They are the caller's: neither their order nor
   *   anything else is changed.
   * @returns An answer for each, in order, in an array that nobody changes afterwards. To no marks,
   *   no answers. A promise that is rejected, a missing answer or one that comes too late counts as
   *   `unavailable` for all.
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
   * First 96 bits of the token's MAC, as the first 16 characters of its signature: base64, so `+`
   * and `/` occur. Uniform and not to be guessed without the key, so it spreads well over shards.
   */
  readonly id: string;
  /** The time step of its OTP, T in RFC 6238 §4.2. A mark is its `id` and its `step`. */
  readonly step: number;
  /**
   * When the asking verifier's window reaches the step: milliseconds since 1970-01-01T00:00:00Z by
   * its clock.
   */
  readonly startsAtMs: number;
  /** When the asking verifier's window has left the step, in milliseconds as above. */
  readonly expiresAtMs: number;
  /**
   * When no window that a verifier may have reaches the step any more, in milliseconds as above:
   * `keepUntil(step, periodMs)`. Verifiers with unlike windows share a store, so it keeps a mark
   * until then, whoever asks.
   */
  readonly keepUntilMs: number;
}

/**
 * When the widest window that is allowed has left a step: the earliest moment at which a store may
 * forget its marks.
 *
 * @param periodMs - Length of a step, in milliseconds.
 * @returns Milliseconds since 1970-01-01T00:00:00Z.
 */
export const keepUntil = (step: number, periodMs: number): number =>
  (step + MAX_WINDOW + 1) * periodMs;

/**
 * Whether a mark says from when until when it counts. Without that nobody knows how long to keep
 * it: it is `unavailable`.
 */
export const isKeepable = ({
  step,
  startsAtMs,
  expiresAtMs,
  keepUntilMs,
}: Omit<ReplayMark, 'id'>): boolean =>
  Number.isSafeInteger(step) &&
  Number.isSafeInteger(startsAtMs) &&
  Number.isSafeInteger(expiresAtMs) &&
  Number.isSafeInteger(keepUntilMs) &&
  startsAtMs < expiresAtMs &&
  expiresAtMs <= keepUntilMs;

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

const ANSWERS: readonly unknown[] = [
  'fresh',
  'replayed',
  'stale',
  'unavailable',
] satisfies GuardAnswer[];

/** Whether a store has said something that can be an answer. */
export const isGuardAnswer = (said: unknown): said is GuardAnswer => ANSWERS.includes(said);
