import type { TokenRules } from '../gateway/contract.js';
import type { StartupWait } from '../gateway/route-context.js';
import type { ReplayGuard } from '../index.js';
import { checkWindow, DEFAULT_PERIOD } from '../otp/options.js';
import { markOf } from '../token/guarded/asked.js';

/**
 * Returns until when tokens are refused because the guard cannot know them. Undefined if they are
 * not refused now.
 */
export type AskWait = () => StartupWait | undefined | Promise<StartupWait | undefined>;

/** For settings with which the guard refuses no earlier tokens. */
export const NO_WAIT: AskWait = () => undefined;

function timesOf({ period = DEFAULT_PERIOD, window: given }: TokenRules) {
  const window = checkWindow(given, 'window');
  const periodMs = period * 1000;
  const stepOf = (ms: number) => Math.floor(ms / periodMs);
  /** When the first step begins that no client can have used by `ms`. */
  const overAt = (ms: number) => (stepOf(ms) + window.future + 1) * periodMs;
  return { period, window, stepOf, overAt };
}

/**
 * The wait of a guard in this process's memory, which knows nothing from before its start. It
 * answers `stale` for every step that a client whose clock is ahead may have used by then.
 *
 * @param startedMs - A moment after the guard was made, by `clock`.
 */
export function waitOfMemory(startedMs: number, rules: TokenRules, clock: () => number): AskWait {
  const untilMs = timesOf(rules).overAt(startedMs);
  return () => {
    const nowMs = clock();
    return nowMs < untilMs ? { fromMs: startedMs, nowMs, untilMs } : undefined;
  };
}

/**
 * The wait of a guard outside the process. Only the guard knows since when it remembers. It is
 * asked about a random mark of the present step, which belongs to no token, until it answers
 * `fresh`.
 */
export function waitOfGuard(guard: ReplayGuard, rules: TokenRules, clock: () => number): AskWait {
  const { period, window, stepOf, overAt } = timesOf(rules);
  let found: StartupWait | undefined;
  let isOver = false;
  let asked: Promise<StartupWait | undefined> | undefined;

  async function ask(): Promise<StartupWait | undefined> {
    const nowMs = clock();
    const step = stepOf(nowMs);
    const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
    const [answer] = await guard.remember([markOf(id, step, window, period)]);
    if (answer === 'fresh') isOver = true;
    if (answer !== 'stale') return undefined;
    // The guard's memory began before now. A `stale` that lasts longer than expected is believed.
    const isKnown = found !== undefined && found.untilMs > nowMs;
    const untilMs = isKnown && found !== undefined ? found.untilMs : overAt(nowMs);
    found = { fromMs: found?.fromMs ?? nowMs, nowMs, untilMs };
    return found;
  }

  return () => {
    if (isOver) return undefined;
    // A guard that cannot be asked is another fault. `/readyz` reports it separately.
    asked ??= ask()
      .catch(() => undefined)
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
}
