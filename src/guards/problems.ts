import { tell, VerifierError } from '../errors.js';
import type { GuardEvent, GuardEvents } from './guard.js';

const QUIET_MS = 10_000;

/** Reports problems to the operator, each kind at most once in ten seconds, and counts events. */
export class Problems {
  readonly #store: string;
  readonly #listener: ((problem: VerifierError) => void) | undefined;
  readonly #toldMs = new Map<string, number>();
  readonly #events: Partial<Record<GuardEvent, number>> = {};

  /** @param store - The beginning of each message. */
  constructor(store: string, listener: ((problem: VerifierError) => void) | undefined) {
    this.#store = store;
    this.#listener = listener;
  }

  /** A copy of the counts. */
  get events(): GuardEvents {
    return { ...this.#events };
  }

  count(event: GuardEvent): void {
    this.#events[event] = (this.#events[event] ?? 0) + 1;
  }

  /** @param kind - One of a few fixed words, so that memory is bounded. */
  tell(kind: string, message: string, cause?: unknown): void {
    const nowMs = performance.now();
    if (this.#listener === undefined || nowMs - (this.#toldMs.get(kind) ?? -QUIET_MS) < QUIET_MS)
      return;
    this.#toldMs.set(kind, nowMs);
    const options = cause === undefined ? {} : { cause };
    tell(
      this.#listener,
      new VerifierError('ERR_STORE_FAILED', `${this.#store}: ${message}`, options),
    );
  }
}

/**
 * The reason of an error, in one line. For several errors at once, such as those of all addresses
 * of a name, the first one's.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : 'unknown';
}
