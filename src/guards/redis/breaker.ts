/** Failures in a row after which a server is left alone. */
const LIMIT = 3;

/**
 * Keeps a server that fails from being asked, so that answers come at once while it is gone and it
 * is not overrun when it comes back: after some failures in a row nobody passes, but for one trial
 * in each `retryAfterMs`.
 *
 * Own code because the libraries for it need Node 22 by now, and this is all that is wanted of
 * them.
 */
export class Breaker {
  readonly #retryAfterMs: number;
  #failures = 0;
  #nextTrialMs = 0;

  constructor(retryAfterMs: number) {
    this.#retryAfterMs = retryAfterMs;
  }

  /**
   * Whether to ask the server; true from an open breaker only for the one who tries.
   *
   * @param nowMs - By a clock that nobody sets.
   */
  mayPass(nowMs: number): boolean {
    if (this.#failures < LIMIT) return true;
    if (nowMs < this.#nextTrialMs) return false;
    this.#nextTrialMs = nowMs + this.#retryAfterMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /**
   * The server failed.
   *
   * @param isHanging - It did not answer at all: once is enough, since each time costs a whole
   * time-out.
   * @returns Whether the server is left alone from now on, and was not before.
   */
  failed(isHanging: boolean, nowMs: number): boolean {
    const wasOpen = this.#failures >= LIMIT;
    this.#failures = isHanging ? LIMIT : this.#failures + 1;
    this.#nextTrialMs = nowMs + this.#retryAfterMs;
    return !wasOpen && this.#failures >= LIMIT;
  }
}
