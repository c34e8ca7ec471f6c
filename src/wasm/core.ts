import { writeUtf8 } from '../text/utf8.js';
import type { CoreExports } from './exports.js';
import { exportsOf } from './instance.js';
import { moduleNow } from './module.js';

/**
 * The size of a mark in the core's memory. A mark is the part of a token that another guard is
 * asked about.
 */
export const MARK_BYTES = 16;

type Digests = readonly [Uint8Array, Uint8Array, Uint8Array];

/**
 * One instance of the core, with the keys and the replay guard of one owner. It has its own memory,
 * or a region of a memory that threads share.
 *
 * `refresh` makes new views after every call that may grow the memory. No view leaves this folder
 * except `input`, which callers write to and never keep.
 */
export class Core<Calls extends CoreExports = CoreExports> {
  readonly calls: Calls;
  /** The place for a call's arguments. */
  input: Uint8Array;
  /** The place within the input for the jid of a single verification. */
  jid: Uint8Array;
  /** The first 20, 32 and 64 bytes of a digest. Copying a view of the right length is quickest. */
  #digests: Digests;
  #answers: Int32Array;
  #marks: Uint8Array;
  /**
   * Text is encoded here first if the memory is shared, because TextEncoder refuses to write to
   * shared memory.
   */
  #scratch: Uint8Array<ArrayBuffer> | undefined;

  /**
   * @param memory - The shared memory. `begin` then assigns a region of it to this instance.
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
    // Addresses arrive as signed numbers, and a thread's region may lie above 2 GiB.
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

/** The instance for functions without an owner: hmac, hotp, totp. Made on first use. */
export function sharedCore(): Core {
  shared ??= new Core(moduleNow());
  return shared;
}
