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
  /**
   * What has happened to its store since it was opened, as counts that only rise. Default: nothing
   * is counted.
   */
  events?(): GuardEvents;
  /** Gives connections and files back. Default: nothing to do. */
  close?(): Promise<void>;
}

/**
 * Events of a store: a server was restarted; another server took over from it; it has evicted keys;
 * it was emptied; it is left alone for a while, since it does not answer.
 */
export type GuardEvent = 'restart' | 'failover' | 'eviction' | 'emptied' | 'left-alone';

/** How often each event has happened; one that has not may be left out. */
export type GuardEvents = Readonly<Partial<Record<GuardEvent, number>>>;

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
  /** Of a guard over several: how many of them gave no answer when they were last asked. */
  readonly guardsAway?: number;
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
   * until then, whichever verifier asks.
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

/** The reason for an operator. */
export const UNKEEPABLE =
  'a mark does not say until when it counts, or counts for longer than it is kept';

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

/**
 * The number of each answer: that of the verdict it leads to, in `VERDICT_CODES` and in the core.
 * Of two answers the one with the larger number is the worse.
 */
export const GUARD_CODES: Readonly<Record<GuardAnswer, number>> = {
  fresh: 0,
  replayed: 5,
  stale: 6,
  unavailable: 7,
};

/** Whether a store has said something that can be an answer. */
export const isGuardAnswer = (said: unknown): said is GuardAnswer =>
  typeof said === 'string' && Object.hasOwn(GUARD_CODES, said);

/** The characters of `ReplayMark.id` by their value: RFC 4648 §4, table 1. */
export const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * A mark stays this much longer than it must, in milliseconds: a clock that is set back a little
 * finds it.
 */
const MARGIN_MS = 10_000;

/**
 * Whether a store may drop the marks that it has to keep until this moment. Who drops them notes
 * `keepUntilMs`: all that ended by then is `stale` for good, however the clock goes. Time orders
 * them, not the number of the step, since a step of another period has another number.
 */
export const mayDrop = (keepUntilMs: number, nowMs: number): boolean =>
  keepUntilMs + MARGIN_MS <= nowMs;

/**
 * When marks that end at `keepUntilMs` may be dropped, in milliseconds since 1970-01-01T00:00:00Z.
 */
export const dropAtMs = (keepUntilMs: number): number => keepUntilMs + MARGIN_MS;

/**
 * Whether a mark is over, or may have been dropped.
 *
 * @param droppedMs - The latest `keepUntilMs` of what was dropped.
 */
export const isOver = (
  { expiresAtMs, keepUntilMs }: ReplayMark,
  nowMs: number,
  droppedMs: number,
): boolean => expiresAtMs <= nowMs || keepUntilMs <= droppedMs;

/**
 * Whether a token may have been accepted before this moment.
 *
 * @param lifetimeMs - How long it is good at the verifier with the widest window, or 0.
 */
export const mayPrecede = (
  { startsAtMs, expiresAtMs }: Pick<ReplayMark, 'startsAtMs' | 'expiresAtMs'>,
  momentMs: number,
  lifetimeMs: number,
): boolean => Math.min(startsAtMs, expiresAtMs - lifetimeMs) < momentMs;
