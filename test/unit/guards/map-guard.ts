import { isKeepable } from '../../../src/guards/guard.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../../src/index.js';

/** A store in the memory of the test, that several guards may be opened on. */
export class MapStore {
  readonly #known = new Set<string>();
  /** Marks that were asked about, call by call. */
  readonly calls: (readonly ReplayMark[])[] = [];
  #aheadMs = 0;

  /** Moves its clock. */
  moveClock(byMs: number): void {
    this.#aheadMs += byMs;
  }

  open(): ReplayGuard {
    let isOpen = true;
    return {
      remember: async (marks) => {
        if (!isOpen) throw new Error('closed');
        this.calls.push(marks);
        return marks.map((mark) => this.#use(mark));
      },
      close: async () => {
        isOpen = false;
      },
    };
  }

  #use(mark: ReplayMark): GuardAnswer {
    if (!isKeepable(mark)) return 'unavailable';
    const { id, step, expiresAtMs } = mark;
    const name = `${step} ${id}`;
    if (this.#known.has(name)) return 'replayed';
    if (expiresAtMs <= Date.now() + this.#aheadMs) return 'stale';
    this.#known.add(name);
    return 'fresh';
  }
}
