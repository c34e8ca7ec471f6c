import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../index.js';

/** A guard outside the process, watched: it knows whether it was answered when it last asked. */
export class SharedGuard implements ReplayGuard {
  readonly #guard: ReplayGuard;
  readonly #clock: () => number;
  readonly #periodMs: number;
  #isAnswering = true;

  /** @param periodSeconds - Of the tokens: a guard knows steps of one length. */
  constructor(guard: ReplayGuard, clock: () => number, periodSeconds: number) {
    this.#guard = guard;
    this.#clock = clock;
    this.#periodMs = periodSeconds * 1000;
  }

  async remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    try {
      const answers = await this.#guard.remember(marks);
      this.#isAnswering = answers.some((answer) => answer !== 'unavailable');
      return answers;
    } catch (error) {
      this.#isAnswering = false;
      throw error;
    }
  }

  /**
   * Whether tokens can be accepted. While it did not answer it is asked with a mark of no token: who is not ready gets no logins,
   * and would never learn that the guard is back.
   */
  async isAnswering(): Promise<boolean> {
    if (this.#isAnswering) return true;
    const step = Math.floor(this.#clock() / this.#periodMs);
    const id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12))));
    const trial = { id, step, expiresAtMs: (step + 2) * this.#periodMs };
    return this.remember([trial]).then(
      ([answer]) => answer === 'fresh',
      () => false,
    );
  }

  async close(): Promise<void> {
    await this.#guard.close?.();
  }
}
