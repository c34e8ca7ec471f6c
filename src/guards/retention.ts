import type { ReplayMark } from './guard.js';

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
