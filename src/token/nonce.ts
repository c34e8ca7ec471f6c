import { optionError } from '../errors.js';

const ZERO = 0x30;
/** The byte value below which all ten digits are as likely as each other: 25 × 10. */
const UNBIASED = 250;
/** Asking the system for random bytes costs far more than using them, so many are drawn at a time. */
const POOL_BYTES = 4096;

/** Makes nonces: ASCII digits, each uniform and independent. */
export class NonceSource {
  readonly #randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  /** @param randomBytes - Fills an array of up to 4096 bytes from a CSPRNG, all of it, before it returns. */
  constructor(randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown) {
    this.#randomBytes = randomBytes;
  }

  /** Fills `target`. Bytes from 250 on are thrown away, as folding them in by modulo would favour 0 to 5. */
  fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === POOL_BYTES) this.#draw();
      const byte = this.#pool[this.#used++] as number;
      if (byte < UNBIASED) target[filled++] = ZERO + (byte % 10);
    }
  }

  /** @throws {VerifierError} `ERR_OPTION`: what was not filled would be nonces of zeros, the same for everyone. */
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
