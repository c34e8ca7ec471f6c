import type { Task } from './messages.js';
import type { Slot } from './slot.js';

/** A task and what is handed over with it. */
export interface Handed {
  readonly task: Task;
  readonly transfer: ArrayBuffer[];
}

interface Waiting {
  readonly make: () => Handed;
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Tasks that a thread has at hand: one that it works on and the next. */
const DEPTH = 2;

/** Gives tasks to the threads that have least to do, and makes each when its turn has come. */
export class Queue {
  readonly #slots: () => readonly Slot[];
  readonly #waiting: Waiting[] = [];

  constructor(slots: () => readonly Slot[]) {
    this.#slots = slots;
  }

  run(make: () => Handed): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ make, resolve, reject });
      this.#feed();
    });
  }

  /** Rejects what has not begun. */
  clear(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #feed(): void {
    while (this.#waiting.length > 0) {
      const slot = this.#slots().reduce((least, each) => (each.load < least.load ? each : least));
      if (slot.load >= DEPTH) return;
      const { make, resolve, reject } = this.#waiting.shift() as Waiting;
      let handed: Handed;
      try {
        handed = make();
      } catch (error) {
        // Bytes that were taken away meanwhile. The tasks behind it go on.
        reject(error);
        continue;
      }
      const next = () => this.#feed();
      const running = slot.run(handed.task, handed.transfer);
      running.then(resolve, reject);
      running.then(next, next);
    }
  }
}
