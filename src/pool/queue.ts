import { endOfLine, endOfWholeLines } from '../text/lines.js';
import type { Handed } from './messages.js';
import type { ThreadHandle } from './thread-handle.js';

interface Waiting {
  readonly make: () => Handed;
  readonly resolve: (answers: Int32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Tasks that a thread has at hand: one that it works on and the next. */
const DEPTH = 2;

/** Gives tasks to the threads that have least to do, and makes each when its turn has come. */
export class Queue {
  readonly #handles: () => readonly ThreadHandle[];
  readonly #waiting: Waiting[] = [];
  /** Where the search for the next thread begins: after the one that was given the last task. */
  #turn = 0;

  /** @param handles - The threads in service. */
  constructor(handles: () => readonly ThreadHandle[]) {
    this.#handles = handles;
  }

  run(make: () => Handed): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ make, resolve, reject });
      this.feed();
    });
  }

  /** Rejects what has not begun. */
  clear(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** To be called when a thread has come into service. */
  feed(): void {
    while (this.#waiting.length > 0) {
      const handle = this.#leastBusy();
      if (handle === undefined || handle.load >= DEPTH) return;
      const { make, resolve, reject } = this.#waiting.shift() as Waiting;
      let handed: Handed;
      try {
        handed = make();
      } catch (error) {
        // Bytes that were taken away meanwhile. The tasks behind it go on.
        reject(error);
        continue;
      }
      const next = () => this.feed();
      const running = handle.run(handed);
      running.then(resolve, reject);
      running.then(next, next);
    }
  }

  /** Among equals the one whose turn it is: short tasks one after the other are shared out too. */
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
 * In place of a line that is longer than a part, and so than any that could be good: as malformed,
 * and not worth copying.
 */
const TOO_LONG = new TextEncoder().encode('!\n');

/** Cuts text into parts of about `size` bytes that end with a line. */
export function partsOfLines(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = endOfWholeLines(bytes, at, size);
    parts.push(end > at ? bytes.subarray(at, end) : TOO_LONG);
    at = end > at ? end : endOfLine(bytes, at + size) + 1;
  }
  return parts;
}
