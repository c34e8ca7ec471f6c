import { optionError, VerifierError } from '../errors.js';

const ZERO = 0x30;
/** Below this byte value, all ten digits are equally likely: 25 × 10. */
const UNBIASED = 250;
/**
 * How many random bytes are drawn at a time. Asking the system for them costs far more than using
 * them.
 */
const POOL_BYTES = 4096;

/** Makes nonces: ASCII digits, each uniform and independent. */
export class NonceSource {
  readonly #randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  /**
   * @param randomBytes - Fills an array of up to 4096 bytes completely from a CSPRNG before it
   *   returns.
   */
  constructor(randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown) {
    this.#randomBytes = randomBytes;
  }

  /**
   * Fills `target`. Bytes of 250 or more are dropped, because modulo would make 0 to 5 more likely.
   */
  fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === POOL_BYTES) this.#draw();
      const byte = this.#pool[this.#used++] as number;
      if (byte < UNBIASED) target[filled++] = ZERO + (byte % 10);
    }
  }

  /**
   * @throws {VerifierError} `ERR_OPTION`: the array was not filled. Its zeros would make equal
   *   nonces.
   */
  #draw(): void {
    const pool = this.#pool.fill(0);
    const answer = this.#randomBytes(pool) as { readonly then?: unknown } | null | undefined;
    // So many zeros in a row do not happen by chance: the probability is at most 1 in 2^496.
    if (typeof answer?.then === 'function' || pool.join('').includes('0'.repeat(64))) {
      throw optionError('randomBytes', 'did not fill the array', 'fill all of it before returning');
    }
    this.#used = 0;
  }
}

/**
 * The runtime's CSPRNG, as a function that fills an array.
 *
 * @param fix - The fix for a runtime without one, for the message.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: no `crypto.getRandomValues`.
 */
export function systemRandom(fix: string): (target: Uint8Array<ArrayBuffer>) => unknown {
  // A runtime without it may lack the global `crypto` too.
  const source = (globalThis as { readonly crypto?: Crypto }).crypto;
  if (typeof source?.getRandomValues !== 'function') {
    const advice = `this runtime has no crypto.getRandomValues; use one that has it (Node 20, any browser), or ${fix}`;
    throw new VerifierError('ERR_ENGINE_UNAVAILABLE', advice);
  }
  return (target) => source.getRandomValues(target);
}
