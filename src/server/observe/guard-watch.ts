import type { GatewayVerifier } from '../../gateway/contract.js';
import type { GuardState } from '../../index.js';

/** How full a verifier's guard is, wherever it is: asked once for all metrics that are collected together. */
export class GuardWatch {
  readonly #verifier: GatewayVerifier;
  #asked: Promise<GuardState> | undefined;
  #last: GuardState = {};

  constructor(verifier: GatewayVerifier) {
    this.#verifier = verifier;
  }

  /** Never fails: while a store does not answer, what it last said. That it does not, `/readyz` and the log say. */
  state(): Promise<GuardState> {
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #ask(): Promise<GuardState> {
    const { replay } = this.#verifier;
    if (replay !== undefined) {
      const { capacity, bytes, generations } = replay;
      return { entries: Math.max(0, ...generations.map(({ entries }) => entries)), capacity, bytes };
    }
    try {
      this.#last = (await this.#verifier.guardState?.()) ?? {};
    } catch {}
    return this.#last;
  }
}
