import { MAX_WINDOW } from '../limits.js';

/**
 * A replay guard outside the verifier's own memory. It is a store that several processes or
 * machines share.
 *
 * Verifier and guard together promise that each token is accepted at most once. A guard must keep
 * two rules. Of all calls with the same mark, from any process and at any time until the mark
 * expires, only one gets `fresh`. In doubt, no call gets `fresh`.
 */
export interface ReplayGuard {
  /**
   * Remembers each mark and says which marks are new, in one atomic operation: no other call may
   * come in between.
   *
   * @param marks - One mark for each token, all different. They belong to the caller: the guard
   *   changes neither the marks nor their order.
   * @returns One answer for each mark, in order, in an array that is not changed afterwards.
   *   Without marks, an empty array. If the promise rejects, or an answer is missing or late, all
   *   marks count as `unavailable`.
   */
  remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]>;
  /** Returns how full the guard is, for operators. Leave it out if the guard cannot tell. */
  state?(): Promise<GuardState>;
  /**
   * Returns events of the store since the guard was opened, as counts that only rise. Leave it out
   * if the guard counts nothing.
   */
  events?(): GuardEvents;
  /** Closes connections and files. Leave it out if there is nothing to close. */
  close?(): Promise<void>;
}

/**
 * Events of a store. A server was restarted (`restart`), another server took over from it
 * (`failover`), it evicted keys (`eviction`), it was emptied (`emptied`), or it is not asked for a
 * while because it does not answer (`left-alone`).
 */
export type GuardEvent = 'restart' | 'failover' | 'eviction' | 'emptied' | 'left-alone';

/** How often each event has happened. Events that have not happened may be missing. */
export type GuardEvents = Readonly<Partial<Record<GuardEvent, number>>>;

/** How full a guard is. Fields that it does not know are missing. */
export interface GuardState {
  /** How many accepted tokens the fullest step has. */
  readonly entries?: number;
  /** How many accepted tokens each step has room for. */
  readonly capacity?: number;
  /** Bytes in use. With several servers, those of the fullest one. */
  readonly bytes?: number;
  /** The most bytes that may be in use there. */
  readonly maxBytes?: number;
  /** For a guard over several guards: how many of them did not answer the last question. */
  readonly guardsAway?: number;
}

/** The mark of a token: what a guard remembers. */
export interface ReplayMark {
  /**
   * The first 96 bits of the token's MAC: the first 16 characters of its signature, in base64 with
   * `+` and `/`. They are uniformly distributed and cannot be guessed without the key, so they
   * spread well over shards.
   */
  readonly id: string;
  /**
   * The time step of the token's OTP, T in RFC 6238 §4.2. `id` and `step` together identify a mark.
   */
  readonly step: number;
  /**
   * When the asking verifier's window reaches the step, in milliseconds since 1970-01-01T00:00:00Z
   * by its clock.
   */
  readonly startsAtMs: number;
  /** When the asking verifier's window has left the step, in milliseconds as above. */
  readonly expiresAtMs: number;
  /**
   * When the widest allowed window has left the step, in milliseconds as above: `keepUntil(step,
   * periodMs)`. Verifiers with different windows may share a store, so it keeps every mark until
   * then, no matter which verifier asks.
   */
  readonly keepUntilMs: number;
}

/**
 * Returns when the widest allowed window has left a step. A store may not forget the step's marks
 * earlier.
 *
 * @param periodMs - Length of a step, in milliseconds.
 * @returns Milliseconds since 1970-01-01T00:00:00Z.
 */
export const keepUntil = (step: number, periodMs: number): number =>
  (step + MAX_WINDOW + 1) * periodMs;

/**
 * Whether a mark has valid times. Without them it is not known how long to keep the mark, so it is
 * `unavailable`.
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

/** The reason, for operators, why a mark without valid times is `unavailable`. */
export const UNKEEPABLE =
  'a mark does not say until when it counts, or counts for longer than it is kept';

/** A guard's answer about one mark. */
export type GuardAnswer =
  /** The mark is new, and is remembered now. */
  | 'fresh'
  /** The mark is known. */
  | 'replayed'
  /** The mark may have been known once, because marks of its step were dropped. */
  | 'stale'
  /** The guard cannot tell: it is full, out of reach or too slow. */
  | 'unavailable';

/**
 * The number of each answer. It is the number of the verdict that the answer leads to, in
 * `VERDICT_CODES` and in the core. The larger of two numbers is the worse answer.
 */
export const GUARD_CODES: Readonly<Record<GuardAnswer, number>> = {
  fresh: 0,
  replayed: 5,
  stale: 6,
  unavailable: 7,
};

/** Whether a value from a store is a valid answer. */
export const isGuardAnswer = (said: unknown): said is GuardAnswer =>
  typeof said === 'string' && Object.hasOwn(GUARD_CODES, said);

/** The characters of `ReplayMark.id` by their value: RFC 4648 §4, table 1. */
export const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * A mark is kept this much longer than necessary, in milliseconds, in case the clock is set back a
 * little.
 */
const MARGIN_MS = 10_000;

/**
 * Whether a store may drop marks that it must keep until `keepUntilMs`. A store that drops them
 * must record that time: all marks that ended by then are `stale` for good, even if the clock is
 * set back. It records a time and not the number of a step, because steps of different periods have
 * different numbers.
 */
export const mayDrop = (keepUntilMs: number, nowMs: number): boolean =>
  keepUntilMs + MARGIN_MS <= nowMs;

/**
 * Returns when marks that end at `keepUntilMs` may be dropped, in milliseconds since
 * 1970-01-01T00:00:00Z.
 */
export const dropAtMs = (keepUntilMs: number): number => keepUntilMs + MARGIN_MS;

/**
 * Whether a mark has expired, or may have been dropped.
 *
 * @param droppedMs - The latest `keepUntilMs` of all dropped marks.
 */
export const isOver = (
  { expiresAtMs, keepUntilMs }: ReplayMark,
  nowMs: number,
  droppedMs: number,
): boolean => expiresAtMs <= nowMs || keepUntilMs <= droppedMs;

/**
 * Whether a token may have been accepted before `momentMs`.
 *
 * @param lifetimeMs - How long the token is valid for the verifier with the widest window, or 0.
 */
export const mayPrecede = (
  { startsAtMs, expiresAtMs }: Pick<ReplayMark, 'startsAtMs' | 'expiresAtMs'>,
  momentMs: number,
  lifetimeMs: number,
): boolean => Math.min(startsAtMs, expiresAtMs - lifetimeMs) < momentMs;
