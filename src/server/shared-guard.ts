import { type GuardEvents, keepUntil } from '../guards/guard.js';
import type { GuardAnswer, GuardState, ReplayGuard, ReplayMark } from '../index.js';

/** An answer is good for so long: it says that the guard was there a moment ago. */
const FRESH_MS = 5000;

/** A guard outside the process, watched: it knows whether it was answered when it last asked. */
export class SharedGuard implements ReplayGuard {
  readonly #guard: ReplayGuard;
  readonly #clock: () => number;
  readonly #periodMs: number;
  readonly #elapsedMs: () => number;
  #isAnswering = false;
  /** When it last answered, by `#elapsedMs`. */
  #answeredMs = Number.NEGATIVE_INFINITY;
  #trial: Promise<boolean> | undefined;

  /**
   * @param periodSeconds - Of the tokens: a guard knows steps of one length.
   * @param elapsedMs - A clock that nobody sets.
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
      // Asked about nothing, it has said nothing.
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
   * Whether tokens can be accepted. If the guard did not answer, or answered a while ago, it is
   * asked with a mark of no token. A gateway that is not ready gets no logins, so it would never
   * learn that the guard is back; one without logins would not learn that the guard is gone.
   */
  async isAnswering(): Promise<boolean> {
    if (this.#isAnswering && this.#elapsedMs() - this.#answeredMs < FRESH_MS) return true;
    // However many ask at once.
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
      // Of a new store, `stale`: it is there.
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
