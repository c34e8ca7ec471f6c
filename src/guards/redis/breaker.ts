/** After this many failures in a row, a server is not asked for a while. */
const LIMIT = 3;

/**
 * A circuit breaker. After some failures in a row, the server gets only one trial question in each
 * `retryAfterMs`. So calls fail at once while the server is down, and it is not overrun when it
 * comes back.
 *
 * This is our own code because the libraries for it need Node 22, and would be used for no more
 * than this.
 */
export class Breaker {
  readonly #retryAfterMs: number;
  #failures = 0;
  #nextTrialMs = 0;

  constructor(retryAfterMs: number) {
    this.#retryAfterMs = retryAfterMs;
  }

  /**
   * Whether to ask the server. While the breaker is open, only the trial question gets true.
   *
   * @param nowMs - By a monotonic clock.
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
   * Records that the server failed.
   *
   * @param isHanging - The server did not answer at all. One such failure opens the breaker, because
   *   each costs a whole time-out.
   * @returns Whether this failure opened the breaker.
   */
  failed(isHanging: boolean, nowMs: number): boolean {
    const wasOpen = this.#failures >= LIMIT;
    this.#failures = isHanging ? LIMIT : this.#failures + 1;
    this.#nextTrialMs = nowMs + this.#retryAfterMs;
    return !wasOpen && this.#failures >= LIMIT;
  }
}
