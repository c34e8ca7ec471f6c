import { BASE64 } from '../guards/guard.js';
import { type Core, MARK_BYTES } from '../wasm/core.js';

const MAC_BYTES = 12;

/**
 * The marks of all tokens of a batch, in the core's form. Each has 16 bytes: 12 bytes of the MAC,
 * and bits for the steps of the window that have the token's OTP.
 */
export class MarkList {
  #bytes = new Uint8Array(MARK_BYTES);
  #length = 0;

  /** Adds the marks of the core's last call. */
  take(core: Core, count: number): void {
    const wanted = this.#length + count * MARK_BYTES;
    if (wanted > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    core.takeMarks(count, this.#bytes, this.#length);
    this.#length = wanted;
  }

  bytes(index: number): Uint8Array {
    return this.#bytes.subarray(index * MARK_BYTES, (index + 1) * MARK_BYTES);
  }

  /** The first 96 bits of a token's MAC in base64, RFC 4648 §4. */
  id(index: number): string {
    const mac = this.#bytes;
    const at = index * MARK_BYTES;
    let id = '';
    for (let i = at; i < at + MAC_BYTES; i += 3) {
      const bits =
        ((mac[i] as number) << 16) | ((mac[i + 1] as number) << 8) | (mac[i + 2] as number);
      id += (PAIRS[bits >> 12] as string) + (PAIRS[bits & 0xfff] as string);
    }
    return id;
  }

  /**
   * The indices in the window of the steps that have a token's OTP. There is one, unless several
   * steps have the same OTP.
   */
  steps(index: number): number[] {
    const steps = [];
    for (let bits = this.#stepBits(index); bits !== 0; bits &= bits - 1) {
      steps.push(31 - Math.clz32(bits & -bits));
    }
    return steps;
  }

  /** Whether exactly one step of the window has a token's OTP. */
  hasOneStep(index: number): boolean {
    const bits = this.#stepBits(index);
    return bits !== 0 && (bits & (bits - 1)) === 0;
  }

  #stepBits(index: number): number {
    const at = index * MARK_BYTES + MAC_BYTES;
    const bytes = this.#bytes;
    return (
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
    );
  }
}

/** Two characters of base64 for each 12 bits. */
const PAIRS = Array.from({ length: 4096 }, (_, bits) => `${BASE64[bits >> 6]}${BASE64[bits & 63]}`);
