import { type GuardEvents, keepUntil } from '../guards/guard.js';
import type { GuardAnswer, GuardState, ReplayGuard, ReplayMark } from '../index.js';

/** How long an answer shows that the guard is reachable, in milliseconds. */
const FRESH_MS = 5000;

/** Wraps a guard outside the process, and knows whether it answered the last question. */
export class SharedGuard implements ReplayGuard {
  readonly #guard: ReplayGuard;
  readonly #clock: () => number;
  readonly #periodMs: number;
  readonly #elapsedMs: () => number;
  #isAnswering = false;
  /** When the guard last answered, by `#elapsedMs`. */
  #answeredMs = Number.NEGATIVE_INFINITY;
  #trial: Promise<boolean> | undefined;

  /**
   * @param periodSeconds - Period of the tokens, in seconds. A guard knows steps of one length.
   * @param elapsedMs - A monotonic clock, in milliseconds.
   */
  constructor(
    guard: ReplayGuard,
    clock: () => number,
    periodSeconds: number,
    elapsedMs = () => performance.now(),
  ) {
    this.#guard = guard;
    this.#clock = clock;
    this.#periodMs = periodSeconds * 1000;
    this.#elapsedMs = elapsedMs;
  }

  async remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    try {
      const answers = await this.#guard.remember(marks);
      // The answer to an empty question does not show that the guard is reachable.
      if (marks.length === 0) return answers;
      this.#isAnswering = answers.some((answer) => answer !== 'unavailable');
      this.#answeredMs = this.#elapsedMs();
      return answers;
    } catch (error) {
      this.#isAnswering = false;
      throw error;
    }
  }

  /**
   * Whether tokens can be accepted. If the guard did not answer, or answered a while ago, this
   * method asks it about a random mark that belongs to no token. Without that, a gateway that is
   * not ready gets no logins, and would never learn that the guard is back. A gateway without
   * logins would not learn that the guard is gone.
   */
  async isAnswering(): Promise<boolean> {
    if (this.#isAnswering && this.#elapsedMs() - this.#answeredMs < FRESH_MS) return true;
    // Callers at the same time share one question.
    this.#trial ??= this.#try().finally(() => {
      this.#trial = undefined;
    });
    return this.#trial;
  }

  #try(): Promise<boolean> {
    const step = Math.floor(this.#clock() / this.#periodMs);
    const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
    const trial = {
      id,
      step,
      startsAtMs: step * this.#periodMs,
      expiresAtMs: (step + 2) * this.#periodMs,
      keepUntilMs: keepUntil(step, this.#periodMs),
    };
    return this.remember([trial]).then(
      // A new store answers `stale`, which shows that it is reachable.
      () => this.#isAnswering,
      () => false,
    );
  }

  async state(): Promise<GuardState> {
    return (await this.#guard.state?.()) ?? {};
  }

  events(): GuardEvents {
    return this.#guard.events?.() ?? {};
  }

  async close(): Promise<void> {
    await this.#guard.close?.();
  }
}
