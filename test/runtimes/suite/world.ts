import { createVerifier, type TokenVerifier, type VerifierOptions } from 'totp-token';
import { KEYS, PERIOD_MS, STEP } from './reference.js';

/** A verifier with a small guard, and with a clock that starts in the middle of `STEP`. */
export interface World {
  readonly verifier: TokenVerifier;
  /** Puts the clock into the middle of a step. */
  at(step: number): void;
}

export async function world(options: VerifierOptions = {}): Promise<World> {
  let timeMs = 0;
  const at = (step: number) => {
    timeMs = (step + 0.5) * PERIOD_MS;
  };
  at(STEP);
  const verifier = await createVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => timeMs,
    ...options,
    replay: { capacity: 1000, ...options.replay },
  });
  return { verifier, at };
}
