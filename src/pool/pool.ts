// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />
import { optionError, VerifierError } from '../errors.js';
import { checkInteger, checkKnown } from '../otp/options.js';
import { stepAt } from '../otp/time-step.js';
import { checkPairs } from '../token/batch.js';
import type { ReplayState } from '../token/engine.js';
import { lineBytes } from '../token/lines.js';
import {
  type HostKeys,
  type VerifierOptions,
  type VerifierSettings,
  verifierSettings,
} from '../token/options.js';
import { Verdicts } from '../token/verdicts.js';
import { compileBase64 } from '../wasm/compile.js';
import { CORE_SHARED_WASM_BASE64 } from '../wasm/core-shared-bytes.js';
import { Buffers } from './buffers.js';
import { KnownHosts } from './known-hosts.js';
import type { Start, Task } from './messages.js';
import { partsOfLines } from './parts.js';
import { parallelism } from './port.js';
import { type Handed, Queue } from './queue.js';
import { SharedMemory } from './shared-memory.js';
import { Slot } from './slot.js';
import { textsOf } from './texts.js';

/** What `createVerifierPool` takes: the verifier's options, less its function for names and its module. */
export interface PoolOptions extends Omit<VerifierOptions, 'prepareJid' | 'module'> {
  /** Threads, 1 to 64. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /** Prepares jids as `prepareJid` of `totp-token/xmpp` does. Default false: byte by byte as given. */
  readonly prepareNames?: boolean | undefined;
  /** Told when a thread died. Another takes its place by itself. */
  readonly onThreadError?: ((error: VerifierError) => void) | undefined;
}

const POOL_OPTIONS = [
  'threads',
  'prepareNames',
  'onThreadError',
  'hosts',
  'period',
  'digits',
  'algorithm',
  'window',
  'nonceDigits',
  'clock',
  'replay',
];
const MAX_THREADS = 64;
/** A part of a batch: large enough that handing it over costs little beside it, small enough to share out. */
const PART_BYTES = 256 * 1024;
const PART_TOKENS = 2048;

/**
 * Verifies on several threads with one replay guard: each token is accepted by exactly one of them. Made by
 * `createVerifierPool`.
 */
export class VerifierPool {
  readonly #settings: VerifierSettings;
  readonly #options: PoolOptions;
  readonly #module: WebAssembly.Module;
  readonly #shared: SharedMemory;
  readonly #slots: Slot[];
  readonly #buffers = new Buffers(PART_BYTES);
  readonly #queue = new Queue(() => this.#slots);
  readonly #hosts: KnownHosts;
  readonly #firstStep: number;
  #isClosed = false;

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings, options: PoolOptions, threads: number) {
    this.#settings = { ...settings, hosts: {} };
    this.#options = { ...options, hosts: undefined };
    this.#module = module;
    this.#hosts = new KnownHosts(settings);
    this.#firstStep = settings.rejectStepsBeforeStart ? this.#step() + 1 : 0;
    this.#shared = new SharedMemory(module, settings, threads, this.#firstStep);
    this.#slots = Array.from({ length: threads }, () => this.#startSlot());
  }

  /** @internal */
  async started(): Promise<void> {
    try {
      await Promise.all(this.#slots.map((slot) => slot.started));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** How many threads it has. */
  get threads(): number {
    return this.#slots.length;
  }

  /** What the shared guard holds. `entries` counts room taken: up to 256 a thread more than tokens accepted. */
  get replay(): ReplayState {
    return this.#shared.replay;
  }

  /**
   * Verifies many tokens at one instant, in parts on all threads. Of a token that stands twice exactly one is accepted, not
   * always the first.
   *
   * @throws {RangeError} The arrays differ in length, or the clock gave no time.
   * @throws {VerifierError} `ERR_WORKER`: a thread died meanwhile; tokens of this batch may count as used.
   */
  async verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Promise<Verdicts> {
    checkPairs(jids, tokens);
    this.#checkOpen();
    const step = this.#step();
    const tasks: Promise<Int32Array>[] = [];
    for (let at = 0; at < tokens.length; at += PART_TOKENS) {
      const end = at + PART_TOKENS;
      // At once: the arrays are the caller's, who may change them before a thread is free.
      const task: Task = {
        kind: 'batch',
        jids: textsOf(jids, at, end),
        tokens: textsOf(tokens, at, end),
        step,
      };
      tasks.push(this.#run(() => ({ task, transfer: [] })));
    }
    return this.#verdicts(tasks, step);
  }

  /**
   * The same for lines `jid TAB token LF`, as bytes or text: see `TokenVerifier.verifyLines`.
   *
   * @param lines - Bytes must be left alone until the verdicts are there: a part is copied when a thread is free for it.
   */
  async verifyLines(lines: Uint8Array | string): Promise<Verdicts> {
    this.#checkOpen();
    const step = this.#step();
    const tasks = partsOfLines(lineBytes(lines), PART_BYTES).map((part) =>
      this.#run(() => {
        const bytes = this.#buffers.copy(part);
        return { task: { kind: 'lines', bytes, step }, transfer: [bytes.buffer] };
      }),
    );
    return this.#verdicts(tasks, step);
  }

  /** Adds a host or replaces its keys; done when every thread has it. @throws {VerifierError} `ERR_WORKER`. */
  async setHost(domain: string, keys: HostKeys | readonly HostKeys[]): Promise<void> {
    this.#checkOpen();
    const name = this.#hosts.nameOf(domain);
    // Before the threads answer: one that takes another's place meanwhile must begin with these.
    const takeBack = this.#hosts.set(name, keys);
    try {
      await this.#runAll({ kind: 'setHost', domain: name, keys });
    } catch (error) {
      // When a thread died the others have the new keys. Else they were refused by all.
      if ((error as Partial<VerifierError>).code !== 'ERR_WORKER') takeBack();
      throw error;
    }
  }

  /** Removes a host and wipes its keys in every thread. False: there was none. */
  async removeHost(domain: string): Promise<boolean> {
    this.#checkOpen();
    const name = this.#hosts.nameOf(domain);
    this.#hosts.delete(name);
    const answers = await this.#runAll({ kind: 'removeHost', domain: name });
    return answers.some((answer) => answer[0] === 1);
  }

  /** Ends the threads when they have answered, and wipes their keys. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#running]);
    this.dispose();
  }

  /** Ends the threads at once and wipes their keys. Tasks in hand are rejected with `ERR_DISPOSED`. */
  dispose(): void {
    this.#isClosed = true;
    this.#queue.clear(new VerifierError('ERR_DISPOSED', 'this pool was closed'));
    for (const slot of this.#slots) {
      const wipe = () => this.#shared.wipe(slot.place);
      wipe();
      // Once more when the thread is really gone: it may have been writing.
      slot.stop().then(wipe, wipe);
    }
    this.#hosts.clear();
  }

  /** As `close`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  readonly #running = new Set<Promise<Int32Array>>();

  #startSlot(): Slot {
    const { period, digits, algorithm, window, nonceDigits, replay, prepareNames = false } = this.#options;
    const start: Start = {
      kind: 'start',
      module: this.#module,
      memory: this.#shared.memory,
      place: this.#shared.take(this.#firstStep),
      options: { period, digits, algorithm, window, nonceDigits, replay },
      hosts: this.#hosts.all,
      prepareNames,
    };
    return new Slot(start, this.#buffers, (slot, error) => this.#replace(slot, error as VerifierError));
  }

  /** A new thread in the place of one that died. The guard, and so what it accepted, is where it was. */
  #replace(dead: Slot, error: VerifierError): void {
    const index = this.#slots.indexOf(dead);
    if (this.#isClosed || index < 0) return;
    const next = this.#startSlot();
    this.#shared.leave(dead.place);
    next.started.catch(() => {});
    this.#slots[index] = next;
    this.#options.onThreadError?.(error);
  }

  #run(make: () => Handed): Promise<Int32Array> {
    return this.#track(this.#queue.run(make));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this pool was closed');
  }

  #runAll(task: Task): Promise<Int32Array[]> {
    return Promise.all(this.#slots.map((slot) => this.#track(slot.run(task, []))));
  }

  #track(running: Promise<Int32Array>): Promise<Int32Array> {
    this.#running.add(running);
    const forget = () => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }

  async #verdicts(tasks: readonly Promise<Int32Array>[], step: number): Promise<Verdicts> {
    const parts = await Promise.all(tasks);
    const answers = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      answers.set(part, at);
      at += part.length;
    }
    const { past } = this.#settings.window;
    return new Verdicts(answers, step - past, past);
  }

  #step(): number {
    return stepAt(this.#settings.clock(), this.#settings.period, 0, 'clock()');
  }
}

/**
 * Makes a pool of threads that verify with one shared replay guard.
 *
 * Needs Node 20.16, Bun, Deno, or a page that is cross-origin isolated (`Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`), as shared memory does.
 *
 * @throws {VerifierError} `ERR_OPTION`, `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`, or `ERR_WORKER`: a thread did not start.
 *
 * @example
 * const pool = await createVerifierPool({ hosts, threads: 4 });
 * const verdicts = await pool.verifyLines(bytes);
 * await pool.close();
 */
export async function createVerifierPool(options: PoolOptions = {}): Promise<VerifierPool> {
  const { threads, prepareNames = false, onThreadError: _onThreadError, ...verifierOptions } = options;
  if ('prepareJid' in options) {
    throw optionError('prepareJid', 'a thread cannot be given a function', 'write prepareNames: true');
  }
  checkKnown(options, POOL_OPTIONS, 'options');
  if (typeof prepareNames !== 'boolean') {
    throw optionError('prepareNames', 'not true or false', 'write one of them');
  }
  const prepareJid = prepareNames ? (await import('../xmpp/prepare-jid.js')).prepareJid : undefined;
  const settings = verifierSettings({ ...verifierOptions, prepareJid });
  const count = checkInteger(threads, 'threads', Math.min(parallelism(), MAX_THREADS), 1, MAX_THREADS);
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new VerifierError(
      'ERR_ENGINE_UNAVAILABLE',
      'this runtime has no shared memory; on a page, make it cross-origin isolated (COOP same-origin, COEP require-corp)',
    );
  }
  const module = await compileBase64(CORE_SHARED_WASM_BASE64);
  const pool = new VerifierPool(module, settings, options, count);
  await pool.started();
  return pool;
}
