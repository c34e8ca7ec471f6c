import { optionError, VerifierError } from '../errors.js';

const ZERO = 0x30;
/** The byte value below which all ten digits are as likely as each other: 25 × 10. */
const UNBIASED = 250;
/**
 * Asking the system for random bytes costs far more than using them, so many are drawn at a time.
 */
const POOL_BYTES = 4096;

/** Makes nonces: ASCII digits, each uniform and independent. */
export class NonceSource {
  readonly #randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  /**
   * @param randomBytes - Fills an array of up to 4096 bytes from a CSPRNG, all of it, before it
   * returns.
   */
  constructor(randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown) {
    this.#randomBytes = randomBytes;
  }

  /**
   * Fills `target`. Bytes from 250 on are thrown away, as folding them in by modulo would favour 0
   * to 5.
   */
  fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === POOL_BYTES) this.#draw();
      const byte = this.#pool[this.#used++] as number;
      if (byte < UNBIASED) target[filled++] = ZERO + (byte % 10);
    }
  }

  /**
   * @throws {VerifierError} `ERR_OPTION`: what was not filled would be nonces of zeros, the same
   * for everyone.
   */
  #draw(): void {
    const pool = this.#pool.fill(0);
    const answer = this.#randomBytes(pool) as { readonly then?: unknown } | null | undefined;
    // So many zeros in a row are no chance: 1 in 2^496 at the most.
    if (typeof answer?.then === 'function' || pool.join('').includes('0'.repeat(64))) {
      throw optionError('randomBytes', 'did not fill the array', 'fill all of it before returning');
    }
    this.#used = 0;
  }
}

/**
 * The runtime's CSPRNG, as a function that fills an array.
 *
 * @param fix - What a caller can do where there is none, for the message.
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: no `crypto.getRandomValues`.
 */
export function systemRandom(fix: string): (target: Uint8Array<ArrayBuffer>) => unknown {
  // A runtime without it may lack the global too.
  const source = (globalThis as { readonly crypto?: Crypto }).crypto;
  if (typeof source?.getRandomValues !== 'function') {
    const advice = `this runtime has no crypto.getRandomValues; use one that has it (Node 20, any browser), or ${fix}`;
    throw new VerifierError('ERR_ENGINE_UNAVAILABLE', advice);
  }
  return (target) => source.getRandomValues(target);
}
