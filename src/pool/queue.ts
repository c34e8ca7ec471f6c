import { endOfLine, endOfWholeLines } from '../text/lines.js';
import type { Handed } from './messages.js';
import type { ThreadHandle } from './thread-handle.js';

interface Waiting {
  readonly make: () => Handed;
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** How many tasks a thread has at a time: the current one and the next. */
const DEPTH = 2;

/** Gives each task to the least busy thread. A task is made only when a thread is free for it. */
export class Queue {
  readonly #handles: () => readonly ThreadHandle[];
  readonly #waiting: Waiting[] = [];
  /** Where the search for the next thread begins: after the thread that got the last task. */
  #turn = 0;

  /** @param handles - Returns the threads that can take tasks. */
  constructor(handles: () => readonly ThreadHandle[]) {
    this.#handles = handles;
  }

  run(make: () => Handed): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ make, resolve, reject });
      this.feed();
    });
  }

  /** Rejects the tasks that no thread has yet. */
  clear(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** Call when a thread becomes ready. */
  feed(): void {
    while (this.#waiting.length > 0) {
      const handle = this.#leastBusy();
      if (handle === undefined || handle.load >= DEPTH) return;
      const { make, resolve, reject } = this.#waiting.shift() as Waiting;
      let handed: Handed;
      try {
        handed = make();
      } catch (error) {
        // The caller's bytes were transferred in the meantime. The tasks after it go on.
        reject(error);
        continue;
      }
      const next = () => this.feed();
      const running = handle.run(handed);
      running.then(resolve, reject);
      running.then(next, next);
    }
  }

  /** Among equally busy threads, takes turns, so that a series of short tasks is spread too. */
  #leastBusy(): ThreadHandle | undefined {
    const handles = this.#handles();
    const inTurn = handles.map(
      (_, i) => handles[(this.#turn + i) % handles.length] as ThreadHandle,
    );
    const least = inTurn.reduce<ThreadHandle | undefined>(
      (best, each) => (best === undefined || each.load < best.load ? each : best),
      undefined,
    );
    if (least !== undefined) this.#turn = handles.indexOf(least) + 1;
    return least;
  }
}

/**
 * Replaces a line that is longer than a part. Such a line is malformed, and this one is too, and is
 * cheap to copy.
 */
const TOO_LONG = new TextEncoder().encode('!\n');

/** Cuts text into parts of about `size` bytes that end with whole lines. */
export function partsOfLines(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = endOfWholeLines(bytes, at, size);
    parts.push(end > at ? bytes.subarray(at, end) : TOO_LONG);
    at = end > at ? end : endOfLine(bytes, at + size) + 1;
  }
  return parts;
}
