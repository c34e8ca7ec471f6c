import { instantiateSync } from '@assemblyscript/loader';
import type { CoreExports } from './exports.js';
import { moduleNow } from './module.js';
import { writeUtf8 } from './text.js';

/**
 * One instance of the core with a memory of its own, or with a region of a memory that threads share: keys and replay
 * guard of one owner.
 *
 * Views are taken anew by `refresh` after every call that may grow the memory, and none leaves this folder but
 * `input`, which callers write to and never keep.
 */
export class Core<Calls extends CoreExports = CoreExports> {
  readonly calls: Calls;
  /** Where a call's arguments go. */
  input: Uint8Array;
  #digest: Uint8Array;
  #answers: Int32Array;
  /** Where text is encoded first if the memory is shared: TextEncoder refuses to write there. */
  #scratch: Uint8Array<ArrayBuffer> | undefined;

  /** @param memory - The memory to share; `begin` makes a region of it the instance's own. */
  constructor(module: WebAssembly.Module, memory?: WebAssembly.Memory, begin?: (calls: Calls) => void) {
    const imports = memory === undefined ? {} : { env: { memory } };
    // The loader's own wrappers cost an argument array a call, and the core needs none of them.
    this.calls = instantiateSync(module, imports).instance.exports as unknown as Calls;
    begin?.(this.calls);
    [this.input, this.#digest, this.#answers] = this.#views();
    if (memory !== undefined) this.#scratch = new Uint8Array(this.input.length);
  }

  #views(): [Uint8Array, Uint8Array, Int32Array] {
    const { memory, inputAddress, inputBytes, digestAddress, answersAddress, batchSize } = this.calls;
    const { buffer } = memory;
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

  /** Writes a text as UTF-8 into the input from byte `at` on, where it has room, and returns how many bytes it took. */
  writeText(text: string, at: number): number {
    if (this.#scratch === undefined) return writeUtf8(text, at === 0 ? this.input : this.input.subarray(at));
    const bytes = writeUtf8(text, this.#scratch);
    this.input.set(this.#scratch.subarray(0, bytes), at);
    return bytes;
  }

  /** A copy of the last digest or MAC, of `bytes` bytes. */
  digest(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#digest.subarray(0, bytes));
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
