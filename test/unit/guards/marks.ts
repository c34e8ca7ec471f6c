import { keepUntil, type ReplayMark } from '../../../src/guards/guard.js';

export const PERIOD_MS = 30_000;

/**
 * A mark as a verifier makes it, with a window of one step to either side unless it is told
 * otherwise.
 */
export function markOf(
  id: string,
  step: number,
  { periodMs = PERIOD_MS, past = 1, future = 1 } = {},
): ReplayMark {
  return {
    id,
    step,
    startsAtMs: (step - future) * periodMs,
    expiresAtMs: (step + past + 1) * periodMs,
    keepUntilMs: keepUntil(step, periodMs),
  };
}

/** The same with an end of its own choice, for marks that stand in no relation to a clock. */
export const markUntil = (id: string, step: number, expiresAtMs: number): ReplayMark => ({
  id,
  step,
  startsAtMs: expiresAtMs - 3 * PERIOD_MS,
  expiresAtMs,
  keepUntilMs: expiresAtMs + 9 * PERIOD_MS,
});
