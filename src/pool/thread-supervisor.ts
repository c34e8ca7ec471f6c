import { VerifierError } from '../errors.js';
import type { Handed, MemoryRegion, Start } from './messages.js';
import type { SharedMemory } from './shared-memory.js';
import { type Buffers, ThreadHandle } from './thread-handle.js';
import type { ProcessHold } from './transport.js';
import type { WorkerSource } from './worker-source.js';

/**
 * How many threads may die in a row without answering a task. After that, no new thread is started.
 */
const MAX_FAILURES = 10;
/**
 * The wait before the third thread of such a row, in milliseconds. It doubles before each later
 * thread. The second thread starts at once.
 */
const BACK_OFF_MS = 50;
const MAX_BACK_OFF_MS = 5000;

/** Everything that a supervisor needs of its pool. */
export interface SupervisorContext {
  readonly shared: SharedMemory;
  readonly buffers: Buffers;
  readonly life: ProcessHold;
  readonly worker: WorkerSource | undefined;
  start(region: MemoryRegion): Start;
  keys(): Handed;
  /** Called when the thread can take tasks. */
  serves(): void;
  /** Called when a thread that had served, or its replacement, dies. */
  died(supervisor: ThreadSupervisor, error: VerifierError): void;
}

/**
 * Keeps a thread running in one region of the shared memory. If the thread dies, waits until it has
 * certainly stopped, wipes the region and starts the next thread in it.
 */
export class ThreadSupervisor {
  /** Settles when the first thread serves or has failed. */
  readonly ready: Promise<void>;
  readonly #context: SupervisorContext;
  readonly #region: MemoryRegion;
  #handle: ThreadHandle;
  #gone: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #hasServed = false;
  /**
   * Whether a thread is starting or ending here, or will start. The process must not end during
   * this time.
   */
  #isUnsettled = false;
  #isClosed = false;
  #fault: VerifierError | undefined;
  #settleReady!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(context: SupervisorContext, region: MemoryRegion) {
    this.#context = context;
    this.#region = region;
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.#handle = this.#begin();
  }

  /** The present thread. It may be starting, serving or over. */
  get handle(): ThreadHandle {
    return this.#handle;
  }

  /** Why no further thread is started here. Undefined while threads are started. */
  get fault(): VerifierError | undefined {
    return this.#fault;
  }

  /** Ends the thread and wipes its region. Settles when both are done. */
  close(): Promise<unknown> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#settle(false);
    if (!this.#handle.isOver) {
      this.#gone = this.#leave(this.#handle);
      // The thread may still be writing, so the region is wiped again after it has stopped.
      this.#context.shared.wipe(this.#region, false);
    }
    void this.#gone.then(() => this.#settle(true));
    return this.#gone;
  }

  #begin(): ThreadHandle {
    const { start, keys, buffers, worker } = this.#context;
    this.#settle(false);
    return new ThreadHandle({
      start: start(this.#region),
      worker,
      buffers,
      keys,
      serves: () => {
        this.#hasServed = true;
        this.#settle(true);
        this.#settleReady.resolve();
        this.#context.serves();
      },
      died: (error) => this.#died(error),
    });
  }

  #died(error: VerifierError): void {
    this.#settle(false);
    this.#gone = this.#leave(this.#handle);
    if (!this.#hasServed) {
      void this.#gone.then(() => this.#settle(true));
      this.#settleReady.reject(error.cause instanceof VerifierError ? error.cause : error);
      return;
    }
    this.#failures = this.#handle.hasWorked ? 1 : this.#failures + 1;
    if (this.#failures > MAX_FAILURES) {
      this.#fault = error;
      void this.#gone.then(() => this.#settle(true));
    } else {
      void this.#gone.then(() => this.#beginAgain());
    }
    this.#context.died(this, error);
  }

  #settle(isSettled: boolean): void {
    if (this.#isUnsettled !== isSettled) return;
    this.#isUnsettled = !isSettled;
    if (isSettled) this.#context.life.letGo();
    else this.#context.life.hold();
  }

  #leave(handle: ThreadHandle): Promise<void> {
    const leave = () => this.#context.shared.leave(this.#region);
    return handle.stop().then(leave, leave);
  }

  #beginAgain(): void {
    if (this.#isClosed) return;
    const begin = () => {
      this.#handle = this.#begin();
    };
    if (this.#failures <= 1) begin();
    else
      this.#timer = setTimeout(
        begin,
        Math.min(BACK_OFF_MS * 2 ** (this.#failures - 2), MAX_BACK_OFF_MS),
      );
  }
}
