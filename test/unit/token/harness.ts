import { createVerifier, type TokenVerifier, type VerifierOptions } from '../../../src/index.js';
import { KEYS, PERIOD_MS, STEP } from './reference.js';

export interface Harness {
  readonly verifier: TokenVerifier;
  /** The verifier's time, to be written to. */
  readonly clock: { timeMs: number };
  /** Puts the clock into the middle of a step. */
  at(step: number): void;
}

/**
 * A verifier with one host, a small guard and a clock of its own, which stands in the middle of
 * `STEP`.
 */
export async function harness(options: VerifierOptions = {}): Promise<Harness> {
  const clock = { timeMs: 0 };
  const periodMs = options.period === undefined ? PERIOD_MS : options.period * 1000;
  const at = (step: number) => {
    clock.timeMs = (step + 0.5) * periodMs;
  };
  at(STEP);
  const verifier = await createVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => clock.timeMs,
    ...options,
    replay: { capacity: 10_000, ...options.replay },
  });
  return { verifier, clock, at };
}
