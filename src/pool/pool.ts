// For Symbol.dispose in the declaration of the class: a project need not name this library itself.
/// <reference lib="esnext.disposable" preserve="true" />

import { tell, VerifierError } from '../errors.js';
import { MAX_JID_BYTES } from '../limits.js';
import { stepAt } from '../otp/time-step.js';
import { type Facts, firstOf, Shown, shown } from '../text/shown.js';
import { checkPairs } from '../token/batch.js';
import { firstStepOf, maxTokenBytes, type ReplayState } from '../token/engine.js';
import { lineBytes } from '../token/lines.js';
import type { HostKeys, VerifierSettings } from '../token/options.js';
import { Verdicts } from '../token/verdict.js';
import { compileHex } from '../wasm/compile.js';
import { CORE_SHARED_WASM_HEX } from '../wasm/core-shared-bytes.js';
import { KnownHosts } from './known-hosts.js';
import { type Handed, type MemoryRegion, type Start, type Task, textsOf } from './messages.js';
import { type PoolOptions, type PoolSettings, poolSettings } from './options.js';
import { partsOfLines, Queue } from './queue.js';
import { SharedMemory } from './shared-memory.js';
import { Buffers } from './thread-handle.js';
import { ThreadSupervisor } from './thread-supervisor.js';
import { ProcessHold } from './transport.js';

/**
 * The size of a part of a batch. Large enough that sending it costs little in comparison, and small
 * enough to spread a batch over threads.
 */
const PART_BYTES = 256 * 1024;
const PART_TOKENS = 2048;

/**
 * Verifies on several threads with one replay guard: each token is accepted by exactly one of them.
 * Made by `createVerifierPool`.
 */
export class VerifierPool extends Shown {
  readonly #settings: VerifierSettings;
  readonly #options: PoolSettings;
  readonly #module: WebAssembly.Module;
  readonly #shared: SharedMemory;
  readonly #supervisors: readonly ThreadSupervisor[];
  readonly #buffers = new Buffers(PART_BYTES);
  readonly #queue = new Queue(() => this.#handles.filter((handle) => handle.isServing));
  readonly #hosts: KnownHosts;
  readonly #running = new Set<Promise<unknown>>();
  /**
   * Keeps the process alive while a task is under way, or a thread starts or ends. An idle pool
   * does not keep it alive.
   */
  readonly #life = new ProcessHold();
  #isClosed = false;
  /** Why the pool has no thread left. */
  #fault: VerifierError | undefined;

  /** @internal */
  constructor(module: WebAssembly.Module, settings: VerifierSettings, options: PoolSettings) {
    super();
    this.#settings = { ...settings, hosts: [] };
    this.#options = options;
    this.#module = module;
    this.#hosts = new KnownHosts(settings, options.maxKeys);
    const firstStep = firstStepOf(settings, () => this.#step());
    this.#shared = new SharedMemory(module, this.#settings, { ...options, firstStep });
    const context = {
      shared: this.#shared,
      buffers: this.#buffers,
      life: this.#life,
      worker: options.worker,
      start: (region: MemoryRegion) => this.#start(region),
      keys: () => this.#hosts.all(),
      serves: () => this.#queue.feed(),
      died: (supervisor: ThreadSupervisor, error: VerifierError) => this.#died(supervisor, error),
    };
    this.#supervisors = this.#shared.regions.map((region) => new ThreadSupervisor(context, region));
  }

  /** @internal */
  async started(): Promise<void> {
    try {
      await Promise.all(this.#supervisors.map((supervisor) => supervisor.ready));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * How many threads the pool has, and streams keep busy: the number you asked for, less the
   * threads that kept dying.
   */
  get threads(): number {
    return this.#supervisors.filter((supervisor) => supervisor.fault === undefined).length;
  }

  /**
   * The state of the shared guard. `entries` counts reserved room: up to 256 for each thread more
   * than accepted tokens.
   */
  get replay(): ReplayState {
    return this.#shared.replay;
  }

  /**
   * Verifies many tokens at one instant, in parts on all threads. If a token occurs twice, exactly
   * one is accepted, but not always the first.
   *
   * @throws {RangeError} The arrays differ in length, or the clock did not return a time.
   * @throws {VerifierError} `ERR_WORKER`: a thread died in the meantime; tokens of this batch may
   *   count as used.
   */
  async verifyBatch(
    jids: readonly (string | Uint8Array)[],
    tokens: readonly (string | Uint8Array)[],
  ): Promise<Verdicts> {
    const pairs = checkPairs(jids, tokens);
    this.#checkOpen();
    const step = this.#step();
    const count = pairs.tokens.length;
    const tasks: Promise<Int32Array>[] = [];
    for (let at = 0; at < count; at += PART_TOKENS) {
      const end = at + PART_TOKENS;
      // Copies at once, because the caller may change the arrays before a thread is free.
      const task: Task = {
        kind: 'batch',
        jids: textsOf(pairs.jids.slice(at, end), MAX_JID_BYTES),
        tokens: textsOf(pairs.tokens.slice(at, end), maxTokenBytes(this.#settings)),
        step,
      };
      tasks.push(this.#run(() => ({ task, transfer: [] })));
    }
    return this.#verdicts(tasks, step);
  }

  /**
   * Does the same for lines `jid TAB token LF`, as bytes or text: see `TokenVerifier.verifyLines`.
   *
   * @param lines - Do not change the bytes until the verdicts are there: a part is copied only when
   *   a thread is free for it.
   */
  async verifyLines(lines: Uint8Array | string): Promise<Verdicts> {
    const text = lineBytes(lines);
    this.#checkOpen();
    const step = this.#step();
    const tasks = partsOfLines(text, PART_BYTES).map((part) =>
      this.#run(() => {
        const bytes = this.#buffers.copy(part);
        return { task: { kind: 'lines', bytes, step }, transfer: [bytes.buffer] };
      }),
    );
    return this.#verdicts(tasks, step);
  }

  /**
   * Adds a host or replaces its keys. Resolves when every thread has them. A thread that dies or
   * fails in the meantime is replaced by a thread that starts with them.
   *
   * @throws {VerifierError} `ERR_OPTION`, or `ERR_MEMORY` for more than `maxKeys` keys: nothing has
   *   changed then. `ERR_WORKER`: no thread is left.
   */
  async setHost(domain: string, keys: HostKeys | readonly HostKeys[]): Promise<void> {
    this.#checkOpen();
    await this.#tellAll(this.#hosts.set(domain, keys));
  }

  /**
   * Removes a host and wipes its keys in every thread. Resolves when no thread has them any more:
   * with false if there was no such host.
   *
   * @throws {VerifierError} `ERR_OPTION`, `ERR_WORKER`: no thread is left.
   */
  async removeHost(domain: string): Promise<boolean> {
    this.#checkOpen();
    const removal = this.#hosts.remove(domain);
    if (removal !== undefined) await this.#tellAll(removal);
    return removal !== undefined;
  }

  /** Ends the threads when they have answered, and wipes their keys. Resolves after both. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#running]);
    await this.#end();
  }

  /**
   * Ends the threads at once and wipes their keys. Tasks under way reject with `ERR_DISPOSED`.
   */
  dispose(): void {
    this.#isClosed = true;
    void this.#end();
  }

  /** As `close`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Facts for a log: the names of the first hosts, the number of threads, the number of remembered
   * tokens, and the capacity of one step. `{ disposed: true }` after the pool was closed. Never
   * holds a key or a token.
   */
  toJSON(): Facts {
    if (this.#isClosed) return { disposed: true };
    const { capacity, generations } = this.replay;
    const remembered = generations.reduce((sum, { entries }) => sum + entries, 0);
    return { hosts: firstOf(this.#hosts.domains), threads: this.threads, remembered, capacity };
  }

  /** The facts as text. Node, Deno and Bun also print this text. */
  override toString(): string {
    return shown('VerifierPool', this.toJSON());
  }

  get #handles() {
    return this.#supervisors.map((supervisor) => supervisor.handle);
  }

  #start(region: MemoryRegion): Start {
    const { hosts, clock, prepareJid, ...settings } = this.#settings;
    return {
      kind: 'start',
      module: this.#module,
      memory: this.#shared.memory,
      region,
      settings,
      prepareNames: this.#options.prepareNames,
    };
  }

  #died(supervisor: ThreadSupervisor, error: VerifierError): void {
    let told = error;
    if (supervisor.fault !== undefined) {
      const left = this.threads;
      const what = `a thread of the pool died repeatedly and is not replaced, ${left} are left: ${error.message}`;
      told = new VerifierError('ERR_WORKER', what, { cause: error });
      if (left === 0) this.#fault = told;
    }
    if (this.#fault !== undefined) this.#queue.clear(this.#fault);
    tell(this.#options.onThreadError, told);
  }

  #end(): Promise<unknown> {
    this.#queue.clear(new VerifierError('ERR_DISPOSED', 'this pool was closed'));
    this.#hosts.clear();
    return Promise.all(this.#supervisors.map((supervisor) => supervisor.close()));
  }

  #run(make: () => Handed): Promise<Int32Array> {
    return this.#track(this.#queue.run(make));
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this pool was closed');
    if (this.#fault !== undefined) throw this.#fault;
  }

  /**
   * Sends a change to every thread that has keys. A thread that gets its keys later gets the
   * changed ones.
   */
  async #tellAll(change: () => Handed): Promise<void> {
    const handles = this.#handles.filter((handle) => handle.isKeyed);
    const answers = await Promise.allSettled(
      handles.map((handle) => this.#track(handle.run(change()))),
    );
    for (const answer of answers) {
      if (answer.status === 'rejected' && answer.reason.code === 'ERR_DISPOSED')
        throw answer.reason;
    }
  }

  #track(running: Promise<Int32Array>): Promise<Int32Array> {
    this.#running.add(running);
    this.#life.hold();
    const forget = () => {
      this.#running.delete(running);
      this.#life.letGo();
    };
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
 * Needs Node 20.16, Bun, Deno, or a page that is cross-origin isolated
 * (`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`), as
 * shared memory does.
 *
 * @throws {VerifierError} `ERR_OPTION`, `ERR_ENGINE_UNAVAILABLE`, `ERR_MEMORY`, or `ERR_WORKER`: a
 *   thread did not start. `ERR_OPTION` with the field `worker`: a bundler has left behind what the
 *   threads run.
 *
 * @example
 * const pool = await createVerifierPool({ hosts, threads: 4 });
 * const verdicts = await pool.verifyLines(bytes);
 * await pool.close();
 */
export async function createVerifierPool(options: PoolOptions = {}): Promise<VerifierPool> {
  const [settings, own] = poolSettings(options);
  if (typeof SharedArrayBuffer === 'undefined') {
    throw new VerifierError(
      'ERR_ENGINE_UNAVAILABLE',
      'this runtime has no shared memory; on a page, make it cross-origin isolated (COOP same-origin, COEP require-corp)',
    );
  }
  // The import comes after all options were checked and copied.
  const prepareJid = own.prepareNames
    ? (await import('../xmpp/prepare-jid.js')).prepareJid
    : undefined;
  const module = await compileHex(CORE_SHARED_WASM_HEX);
  const pool = new VerifierPool(module, { ...settings, prepareJid }, own);
  await pool.started();
  return pool;
}
