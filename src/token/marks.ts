import { BASE64 } from '../guards/guard.js';
import { MAX_WINDOW_STEPS } from '../limits.js';
import { type Core, MARK_BYTES } from '../wasm/core.js';

const MAC_BYTES = 12;

/**
 * The marks of all tokens of a batch, as the core leaves them: 16 bytes each, of which the first 12
 * are the MAC's and the rest says which steps of the window have the token's OTP.
 */
export class MarkList {
  #bytes = new Uint8Array(4 * MARK_BYTES);
  #length = 0;

  /** Adds those of the core's last call. */
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

  /** First 96 bits of a token's MAC in base64, RFC 4648 §4. */
  id(index: number): string {
    const mac = this.bytes(index);
    let id = '';
    for (let at = 0; at < MAC_BYTES; at += 3) {
      const bits =
        ((mac[at] as number) << 16) | ((mac[at + 1] as number) << 8) | (mac[at + 2] as number);
      for (let shift = 18; shift >= 0; shift -= 6) id += BASE64[(bits >> shift) & 63];
    }
    return id;
  }

  /**
   * Indices in the window of the steps that have a token's OTP: one, unless two steps have the
   * same.
   */
  steps(index: number): number[] {
    const [low, middle, high] = this.bytes(index).subarray(MAC_BYTES) as Uint8Array &
      [number, number, number];
    const bits = low | (middle << 8) | (high << 16);
    const steps = [];
    for (let i = 0; i < MAX_WINDOW_STEPS; i++) if (bits & (1 << i)) steps.push(i);
    return steps;
  }
}
