import { nodeModule } from './port.js';

/** The longest that a timer can be set for, in milliseconds. It does nothing when it fires. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive while something is under way, by a timer of its own.
 *
 * A thread's own hold is not enough: one that has died holds nothing, and what its end leads to (the next thread, the answer to a
 * caller) would be lost with the event loop. Node then ends with code 13. Where processes do not end by themselves there is nothing to hold.
 */
export class ProcessHold {
  #count = 0;
  #end: (() => void) | undefined;

  hold(): void {
    if (this.#count++ > 0) return;
    const timers = nodeModule<typeof import('node:timers')>('node:timers');
    const timer = timers?.setInterval(() => {}, FOREVER_MS);
    this.#end = () => timers?.clearInterval(timer);
  }

  letGo(): void {
    if (--this.#count === 0) this.#end?.();
  }
}
