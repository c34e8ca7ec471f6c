/**
 * Memory that goes to a thread with a part of a batch and comes back with its answers. Fresh memory would cost more than
 * filling it: the system clears it and maps it page by page.
 */
export class Buffers {
  readonly #size: number;
  readonly #free: ArrayBuffer[] = [];

  /** @param size - Bytes of a part that a buffer is kept for. */
  constructor(size: number) {
    this.#size = size;
  }

  /** A copy that can be handed over. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const fits = bytes.length <= this.#size;
    const buffer = fits ? (this.#free.pop() ?? new ArrayBuffer(this.#size)) : new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(buffer, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Takes a buffer back. Those that were made larger for one part go. */
  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#size) this.#free.push(buffer);
  }
}
