import { VerifierError } from '../errors.js';
import type { Handed, MemoryRegion, Start } from './messages.js';
import type { SharedMemory } from './shared-memory.js';
import { type Buffers, ThreadHandle } from './thread-handle.js';
import type { ProcessHold } from './transport.js';
import type { WorkerSource } from './worker-source.js';

/** Threads that may die in a row, none of which answered a task, before there is no further one. */
const MAX_FAILURES = 10;
/**
 * Milliseconds before the third thread in such a row, twice as many before each later one. The
 * second comes at once.
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
  /** Its thread can take tasks. */
  serves(): void;
  /** A thread died that had been in service, or one that was to replace it. */
  died(supervisor: ThreadSupervisor, error: VerifierError): void;
}

/**
 * Keeps one region of the shared memory served by a thread. When the thread there dies and has
 * surely stopped, its region is wiped and the next thread begins in it.
 */
export class ThreadSupervisor {
  /** Settles once its first thread serves or has failed. */
  readonly ready: Promise<void>;
  readonly #context: SupervisorContext;
  readonly #region: MemoryRegion;
  #handle: ThreadHandle;
  #gone: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #hasServed = false;
  /** A thread begins or ends here, or is to begin: the process must not end meanwhile. */
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

  /** The thread that is here; it may be starting, serving or over. */
  get handle(): ThreadHandle {
    return this.#handle;
  }

  /** Why no further thread is tried here. */
  get fault(): VerifierError | undefined {
    return this.#fault;
  }

  /** Ends the thread and wipes its region; settles when both are done. */
  close(): Promise<unknown> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#settle(false);
    if (!this.#handle.isOver) {
      this.#gone = this.#leave(this.#handle);
      // Once more when the thread is really gone: it may be writing.
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
