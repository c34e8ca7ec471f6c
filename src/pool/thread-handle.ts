import { VerifierError } from '../errors.js';
import type { Handed, Reply, Request, Start } from './messages.js';
import { startThread, type Thread } from './transport.js';
import type { WorkerSource } from './worker-source.js';

interface Pending {
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Buffers that carry a part of a batch to a thread and come back with its answers. New buffers
 * would cost more than filling them, because the system clears and maps their memory page by page.
 */
export class Buffers {
  readonly #size: number;
  readonly #free: ArrayBuffer[] = [];

  /** @param size - The size of the buffers that are kept, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Copies bytes into a buffer that can be transferred. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const fits = bytes.length <= this.#size;
    const buffer = fits
      ? (this.#free.pop() ?? new ArrayBuffer(this.#size))
      : new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(buffer, 0, bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Takes a buffer back for reuse. Larger buffers, which were made for one part, are dropped. */
  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#size) this.#free.push(buffer);
  }
}

/** Everything that one thread needs of its pool. */
export interface HandleContext {
  readonly start: Start;
  /** The module that the thread runs, if it is not the pool's own. */
  readonly worker: WorkerSource | undefined;
  readonly buffers: Buffers;
  /** Returns the present keys. */
  keys(): Handed;
  /** Called when the thread can take tasks of any kind. */
  serves(): void;
  /** Called once if the thread ends before `stop`, after its tasks were rejected. */
  died(error: VerifierError): void;
}

/** One thread of the pool and its tasks. */
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
      // Reports the failure later, like any other end of a thread.
      queueMicrotask(() => this.fail(cause));
    }
  }

  /** How many tasks wait for an answer. */
  get load(): number {
    return this.#pending.size;
  }

  /** Whether the thread has keys, so that it must get every change of keys. */
  get isKeyed(): boolean {
    return this.#stage === 'keyed' || this.#stage === 'serving';
  }

  /** Whether the thread can verify. */
  get isServing(): boolean {
    return this.#stage === 'serving';
  }

  get isOver(): boolean {
    return this.#stage === 'over';
  }

  /** Whether the thread has answered a task other than the first keys. */
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

  /** Ends the thread and rejects its open tasks. Settles when the thread has ended. */
  stop(): Promise<unknown> {
    // Between two tasks, the thread does not touch the shared memory.
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
      ? `a thread of the pool died (${why}); tokens that it was verifying may count as used`
      : `a thread of the pool did not start (${why})`;
    const error = new VerifierError('ERR_WORKER', what, { cause });
    this.#over(error);
    this.#context.died(error);
  }

  /**
   * Takes a message. The caller's own worker may send other messages too, like the clients of
   * development servers.
   */
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

  /** Sends the present keys. From here on, the thread also gets every change, after these keys. */
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
