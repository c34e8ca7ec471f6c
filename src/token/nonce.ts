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

  /** @param randomBytes - Fills an array of up to 4096 bytes from a CSPRNG. */
  constructor(randomBytes: (target: Uint8Array<ArrayBuffer>) => unknown) {
    this.#randomBytes = randomBytes;
  }

  /** Fills `target`. Bytes from 250 on are thrown away, as folding them in by modulo would favour 0 to 5. */
  fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      if (this.#used === POOL_BYTES) {
        this.#randomBytes(this.#pool);
        this.#used = 0;
      }
      const byte = this.#pool[this.#used++] as number;
      if (byte < UNBIASED) target[filled++] = ZERO + (byte % 10);
    }
  }
}
