import { VerifierError } from '../errors.js';

/**
 * A thread as the pool uses it: Node's worker_threads, or a Web Worker in browsers, Bun and Deno.
 */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /**
   * Stops it, wherever it is. Settles when it surely is gone, or at once where it is between two
   * tasks and will be so soon.
   */
  stop(isIdle: boolean): Promise<unknown>;
}

export interface ThreadEvents {
  readonly message: (message: unknown) => void;
  /** It died: an uncaught error, or its end for another reason. */
  readonly died: (cause: unknown) => void;
}

/** The worker's side: where its messages come from. */
export interface Transport {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  listen(receive: (message: unknown) => void): void;
}

type NodeThreads = typeof import('node:worker_threads');
type NodeOs = typeof import('node:os');

/**
 * A module of Node without an import that a bundler for browsers would trip over. Node 20.16 and
 * later have it.
 */
export function nodeModule<M>(name: string): M | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => M } };
  return process?.getBuiltinModule?.(name);
}

/** Threads that this machine runs at once, 2 when it does not say. */
export function parallelism(): number {
  // Asked first: it needs no permission in Deno.
  const here = globalThis.navigator?.hardwareConcurrency;
  return here ?? nodeModule<NodeOs>('node:os')?.availableParallelism() ?? 2;
}

/**
 * Starts a thread that runs worker.js beside this file: by worker_threads where they are, for they
 * tell when a thread ends.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: there is no such thing here.
 */
export function startThread(events: ThreadEvents): Thread {
  const threads = nodeModule<NodeThreads>('node:worker_threads');
  if (threads !== undefined) return nodeThread(threads, events);
  if (typeof Worker === 'function') return webThread(events);
  throw new VerifierError(
    'ERR_ENGINE_UNAVAILABLE',
    'no threads here: Node 20.16 or later, or Web Workers, are needed',
  );
}

function nodeThread(threads: NodeThreads, { message, died }: ThreadEvents): Thread {
  const worker = new threads.Worker(new URL('./worker.js', import.meta.url));
  // The pool holds the process itself, while it has a reason to.
  worker.unref();
  worker.on('message', message);
  worker.on('messageerror', died);
  worker.on('error', died);
  worker.on('exit', (code) => died(new Error(`it ended with code ${code}`)));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    stop: () => worker.terminate(),
  };
}

/**
 * How long a Web Worker may run on after `terminate()`, which no event follows: Chromium gives it
 * two seconds.
 */
const WEB_STOP_MS = 3000;

function webThread({ message, died }: ThreadEvents): Thread {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = (event) => message(event.data);
  worker.onerror = (event) => {
    // Handled: else it would be the page's error too.
    event.preventDefault();
    died(event.error ?? new Error(event.message ?? 'its script could not be run'));
  };
  worker.onmessageerror = () => died(new Error('a message could not be read'));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    async stop(isIdle) {
      worker.terminate();
      if (!isIdle) await new Promise((resolve) => setTimeout(resolve, WEB_STOP_MS));
    },
  };
}

/** The transport of the thread that this runs in. */
export function ownTransport(): Transport {
  const parent = nodeModule<NodeThreads>('node:worker_threads')?.parentPort;
  if (parent) {
    return {
      post: (message, transfer) => parent.postMessage(message, transfer),
      listen: (receive) => void parent.on('message', receive),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: (event: { data: unknown }) => void;
  };
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen: (receive) => {
      scope.onmessage = (event) => receive(event.data);
    },
  };
}

/** The longest that a timer can be set for, in milliseconds. It does nothing when it fires. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive while something is under way, by a timer of its own.
 *
 * A thread's own hold is not enough: one that has died holds nothing, and what its end leads to
 * (the next thread, the answer to a caller) would be lost with the event loop. Node then ends with
 * code 13. Where processes do not end by themselves there is nothing to hold.
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
