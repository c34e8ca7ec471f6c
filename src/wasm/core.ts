import { instantiateSync } from '@assemblyscript/loader';
import type { CoreExports } from './exports.js';
import { moduleNow } from './module.js';

/**
 * One instance of the core with its own memory: keys and replay guard of one owner.
 *
 * Views are taken anew by `refresh` after every call that may grow the memory, and none leaves this folder but
 * `input`, which callers write to and never keep.
 */
export class Core {
  readonly calls: CoreExports;
  /** Where a call's arguments go. */
  input: Uint8Array<ArrayBuffer>;
  #digest: Uint8Array<ArrayBuffer>;
  #answers: Int32Array<ArrayBuffer>;

  constructor(module: WebAssembly.Module) {
    // The loader's own wrappers cost an argument array a call, and the core needs none of them.
    this.calls = instantiateSync(module, {}).instance.exports as unknown as CoreExports;
    [this.input, this.#digest, this.#answers] = this.#views();
  }

  #views(): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
    const { memory, inputAddress, inputBytes, digestAddress, answersAddress, batchSize } = this.calls;
    const buffer = memory.buffer as ArrayBuffer;
    return [
      new Uint8Array(buffer, inputAddress(), inputBytes()),
      new Uint8Array(buffer, digestAddress(), 64),
      new Int32Array(buffer, answersAddress(), batchSize()),
    ];
  }

  refresh(): void {
    if (this.input.buffer === this.calls.memory.buffer) return;
    [this.input, this.#digest, this.#answers] = this.#views();
  }

  /** A copy of the last digest or MAC, of `bytes` bytes. */
  digest(bytes: number): Uint8Array<ArrayBuffer> {
    return this.#digest.slice(0, bytes);
  }

  /** Copies the answers of the last batch. */
  takeAnswers(count: number, target: Int32Array, at: number): void {
    target.set(this.#answers.subarray(0, count), at);
  }
}

let shared: Core | undefined;

/** The instance behind the functions that have no owner: hmac, hotp, totp. Made on first use. */
export function sharedCore(): Core {
  shared ??= new Core(moduleNow());
  return shared;
}
