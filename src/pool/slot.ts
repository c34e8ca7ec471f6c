import { VerifierError } from '../errors.js';
import type { Buffers } from './buffers.js';
import type { Fault, Place, Reply, Request, Start, Task } from './messages.js';
import { startThread, type Thread } from './port.js';

interface Pending {
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread of the pool and the tasks that it has been given. */
export class Slot {
  readonly place: Place;
  /** Settles once the thread can take tasks, or never will. */
  readonly started: Promise<void>;
  readonly #thread: Thread;
  readonly #pending = new Map<number, Pending>();
  readonly #died: (slot: Slot, cause: unknown) => void;
  readonly #buffers: Buffers;
  #nextId = 0;
  #isOver = false;
  #settleStart!: { resolve: () => void; reject: (error: unknown) => void };

  /** @param died - Called once when the thread ends before `stop`, after its tasks have been rejected. */
  constructor(start: Start, buffers: Buffers, died: (slot: Slot, cause: unknown) => void) {
    this.place = start.place;
    this.#buffers = buffers;
    this.#died = died;
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
    });
    this.#thread = startThread({
      message: (message) => this.#receive(message as Reply),
      died: (cause) => this.#end(cause),
    });
    this.#thread.post(start satisfies Request, []);
  }

  /** How many tasks wait for an answer. */
  get load(): number {
    return this.#pending.size;
  }

  run(task: Task, transfer: ArrayBuffer[]): Promise<Int32Array> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#thread.hold(true);
      try {
        this.#thread.post({ kind: 'task', id, task } satisfies Request, transfer);
      } catch (error) {
        // Keys that cannot be cloned: the thread has nothing to answer.
        this.#pending.delete(id);
        this.#rest();
        reject(error);
      }
    });
  }

  /** Ends the thread; what it has not answered is rejected. */
  stop(): Promise<unknown> {
    this.#over(new VerifierError('ERR_DISPOSED', 'this pool was closed'));
    return this.#thread.stop();
  }

  #receive(reply: Reply): void {
    if (reply.kind === 'started') {
      this.#settleStart.resolve();
      this.#rest();
      return;
    }
    if (reply.kind === 'notStarted') {
      this.#settleStart.reject(errorOf(reply.fault));
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === 'done') {
      if (reply.buffer !== undefined) this.#buffers.giveBack(reply.buffer);
      pending?.resolve(reply.answers);
    } else pending?.reject(errorOf(reply.fault));
    this.#rest();
  }

  /** A thread without tasks does not keep the process alive. */
  #rest(): void {
    if (this.#pending.size === 0) this.#thread.hold(false);
  }

  #end(cause: unknown): void {
    if (this.#isOver) return;
    const error = new VerifierError(
      'ERR_WORKER',
      'a thread of the pool died; tokens that it had begun with may count as used',
      { cause },
    );
    this.#over(error);
    void this.#thread.stop();
    this.#died(this, error);
  }

  #over(error: VerifierError): void {
    this.#isOver = true;
    this.#settleStart.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function errorOf({ code, message, field }: Fault): VerifierError {
  return new VerifierError(code, message, field === undefined ? {} : { field });
}
