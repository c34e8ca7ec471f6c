import { VerifierError } from '../errors.js';
import type { Handed, Reply, Request, Start } from './messages.js';
import { startThread, type Thread } from './transport.js';
import type { WorkerSource } from './worker-source.js';

interface Pending {
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Memory that goes to a thread with a part of a batch and comes back with its answers. Fresh memory
 * would cost more than filling it: the system clears it and maps it page by page.
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
    const buffer = fits
      ? (this.#free.pop() ?? new ArrayBuffer(this.#size))
      : new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(buffer, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Takes a buffer back. Those that were made larger for one part go. */
  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#size) this.#free.push(buffer);
  }
}

/** Everything that one thread needs of its pool. */
export interface HandleContext {
  readonly start: Start;
  /** What the thread runs, if not the pool's own module. */
  readonly worker: WorkerSource | undefined;
  readonly buffers: Buffers;
  /** The keys of the moment at which it is asked. */
  keys(): Handed;
  /** It can take tasks of any kind. */
  serves(): void;
  /** Called once when the thread ends before `stop`, after its tasks have been rejected. */
  died(error: VerifierError): void;
}

/** One thread of the pool and the tasks that it has been given. */
export class ThreadHandle {
  readonly #context: HandleContext;
  readonly #pending = new Map<number, Pending>();
  #thread: Thread | undefined;
  #nextId = 0;
  #stage: 'starting' | 'keyed' | 'serving' | 'over' = 'starting';
  #hasWorked = false;
  #gone: Promise<unknown> | undefined;

  constructor(context: HandleContext) {
    this.#context = context;
    try {
      this.#thread = startThread(context.worker, {
        message: (message) => this.#receive(message as Reply | null | undefined),
        died: (cause) => this.fail(cause),
      });
      this.#thread.post(context.start satisfies Request, []);
    } catch (cause) {
      // Later, as with any other end.
      queueMicrotask(() => this.fail(cause));
    }
  }

  /** How many tasks wait for an answer. */
  get load(): number {
    return this.#pending.size;
  }

  /** Whether it has been given keys, and so must be told of every change of them. */
  get isKeyed(): boolean {
    return this.#stage === 'keyed' || this.#stage === 'serving';
  }

  /** Whether it can verify. */
  get isServing(): boolean {
    return this.#stage === 'serving';
  }

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  /** Whether it has answered more than that it has its keys. */
  get hasWorked(): boolean {
    return this.#hasWorked;
  }

  run({ task, transfer }: Handed): Promise<Int32Array> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      try {
        this.#thread?.post({ kind: 'task', id, task } satisfies Request, transfer);
      } catch (cause) {
        this.fail(cause);
      }
    });
  }

  /** Ends the thread; what it has not answered is rejected. Settles when it is gone. */
  stop(): Promise<unknown> {
    // Between two tasks it touches no memory that others share.
    const isIdle = this.isServing && this.load === 0;
    this.#over(new VerifierError('ERR_DISPOSED', 'this pool was closed'));
    this.#gone ??= this.#thread?.stop(isIdle) ?? Promise.resolve();
    return this.#gone;
  }

  /** Treats the thread as dead. */
  fail(cause: unknown): void {
    if (this.isOver) return;
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = this.isServing
      ? `a thread of the pool died (${why}); tokens that it had begun with may count as used`
      : `a thread of the pool did not start (${why})`;
    const error = new VerifierError('ERR_WORKER', what, { cause });
    this.#over(error);
    this.#context.died(error);
  }

  /** A worker of the caller's may say other things too, as development servers' clients do. */
  #receive(reply: Reply | null | undefined): void {
    if (reply?.kind === 'broken') {
      this.fail(new VerifierError(reply.fault.code, reply.fault.message));
    } else if (reply?.kind === 'started') {
      this.#giveKeys();
    } else if (reply?.kind === 'done') {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if (reply.buffer !== undefined) this.#context.buffers.giveBack(reply.buffer);
      this.#hasWorked ||= this.isServing;
      pending?.resolve(reply.answers);
    }
  }

  /** The keys of now. From here on every change goes to this thread too, behind them. */
  #giveKeys(): void {
    if (this.isOver) return;
    this.#stage = 'keyed';
    const serve = () => {
      if (this.isOver) return;
      this.#stage = 'serving';
      this.#context.serves();
    };
    this.run(this.#context.keys()).then(serve, () => {});
  }

  #over(error: VerifierError): void {
    this.#stage = 'over';
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
