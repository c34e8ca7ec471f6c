import { writeUtf8 } from '../text/utf8.js';
import type { CoreExports } from './exports.js';
import { exportsOf } from './instance.js';
import { moduleNow } from './module.js';

/** Bytes of what is left of a token for another guard to be asked about. */
export const MARK_BYTES = 16;

type Digests = readonly [Uint8Array, Uint8Array, Uint8Array];

/**
 * One instance of the core with a memory of its own, or with a region of a memory that threads
 * share: keys and replay guard of one owner.
 *
 * Views are taken anew by `refresh` after every call that may grow the memory, and none leaves this
 * folder but `input`, which callers write to and never keep.
 */
export class Core<Calls extends CoreExports = CoreExports> {
  readonly calls: Calls;
  /** Where a call's arguments go. */
  input: Uint8Array;
  /** Where, within the input, the jid of a token goes that is verified by itself. */
  jid: Uint8Array;
  /** The first 20, 32 and 64 bytes of a digest: a view of the right length is copied quickest. */
  #digests: Digests;
  #answers: Int32Array;
  #marks: Uint8Array;
  /** Where text is encoded first if the memory is shared: TextEncoder refuses to write there. */
  #scratch: Uint8Array<ArrayBuffer> | undefined;

  /**
   * @param memory - The memory to share; `begin` makes a region of it the instance's own.
   * @throws {VerifierError} As `exportsOf`.
   */
  constructor(
    module: WebAssembly.Module,
    memory?: WebAssembly.Memory,
    begin?: (calls: Calls) => void,
  ) {
    const imports = memory === undefined ? {} : { env: { memory } };
    this.calls = exportsOf(module, imports) as Calls;
    begin?.(this.calls);
    [this.input, this.jid, this.#digests, this.#answers, this.#marks] = this.#views();
    if (memory !== undefined) this.#scratch = new Uint8Array(this.input.length);
  }

  #views(): [Uint8Array, Uint8Array, Digests, Int32Array, Uint8Array] {
    const { calls } = this;
    const { buffer } = calls.memory;
    // Addresses come signed: a thread's region may lie above 2 GiB.
    const inputAt = calls.inputAddress() >>> 0;
    const digestAt = calls.digestAddress() >>> 0;
    const input = new Uint8Array(buffer, inputAt, calls.inputBytes());
    const digest = (bytes: number) => new Uint8Array(buffer, digestAt, bytes);
    return [
      input,
      input.subarray((calls.jidAddress() >>> 0) - inputAt),
      [digest(20), digest(32), digest(64)],
      new Int32Array(buffer, calls.answersAddress() >>> 0, calls.batchSize()),
      new Uint8Array(buffer, calls.marksAddress() >>> 0, calls.batchSize() * MARK_BYTES),
    ];
  }

  refresh(): void {
    if (this.input.buffer === this.calls.memory.buffer) return;
    [this.input, this.jid, this.#digests, this.#answers, this.#marks] = this.#views();
  }

  /**
   * Writes a text as UTF-8 into `target`, a part of the input with room for it, and returns how
   * many bytes it took.
   */
  write(text: string, target: Uint8Array): number {
    return this.#scratch === undefined
      ? writeUtf8(text, target)
      : this.#writeShared(text, target, this.#scratch);
  }

  #writeShared(text: string, target: Uint8Array, scratch: Uint8Array): number {
    const bytes = writeUtf8(text, scratch);
    target.set(scratch.subarray(0, bytes));
    return bytes;
  }

  /** A copy of the last digest or MAC, of 20, 32 or 64 bytes. */
  digest(bytes: number): Uint8Array<ArrayBuffer> {
    const [short, middle, long] = this.#digests;
    return new Uint8Array(bytes === 32 ? middle : bytes === 20 ? short : long);
  }

  /** A copy of the last batch's answers. */
  answers(count: number): Int32Array {
    return this.#answers.slice(0, count);
  }

  /** One answer of the last batch. */
  answer(index: number): number {
    return this.#answers[index] as number;
  }

  /** Copies the marks of the last call. */
  takeMarks(count: number, target: Uint8Array, at: number): void {
    target.set(this.#marks.subarray(0, count * MARK_BYTES), at);
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
