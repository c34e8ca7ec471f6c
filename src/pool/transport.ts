import { described } from '../check.js';
import { optionError, VerifierError } from '../errors.js';
import type { PoolWorker, WorkerSource } from './worker-source.js';

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
type NodeWorker = import('node:worker_threads').Worker;
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
 * Apart from the name beside it, so that bundlers do not see the two together: they would copy
 * worker.js and nothing that it imports.
 */
const HERE = import.meta.url;

/**
 * Starts a thread: by worker_threads where they are, for they tell when a thread ends. It runs
 * worker.js beside this file unless `source` is another.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: there is no such thing here. `ERR_OPTION`: the
 *   function of `source` makes no worker.
 */
export function startThread(source: WorkerSource | undefined, events: ThreadEvents): Thread {
  if (typeof source === 'function') return madeThread(source(), events);
  const threads = nodeModule<NodeThreads>('node:worker_threads');
  if (threads !== undefined) {
    return nodeThread(new threads.Worker(source ?? new URL('./worker.js', HERE)), events);
  }
  if (typeof Worker !== 'function') {
    throw new VerifierError(
      'ERR_ENGINE_UNAVAILABLE',
      'no threads here: Node 20.16 or later, or Web Workers, are needed',
    );
  }
  // In the form that bundlers look for: they build worker.js for it.
  const worker =
    source === undefined
      ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      : new Worker(source, { type: 'module' });
  return webThread(worker, events);
}

/** Workers that functions of callers have made: two handles on one would mix up their answers. */
const taken = new WeakSet<PoolWorker>();

/** A worker of the caller's, of whichever kind. */
function madeThread(worker: PoolWorker, events: ThreadEvents): Thread {
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
    throw optionError('worker', `its function gave ${described(worker)}`, 'return a new Worker');
  }
  if (taken.has(worker)) {
    throw optionError('worker', 'its function gave one worker twice', 'return a new one each time');
  }
  taken.add(worker);
  return 'on' in worker
    ? nodeThread(worker as NodeWorker, events)
    : webThread(worker as Worker, events);
}

/** Codes by which runtimes say that a module is not there, or one that it imports. */
const NOT_FOUND = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'];

/** The error for a module that a thread cannot load: a bundler has left it behind. */
function notLoaded(cause: unknown): VerifierError {
  const why = (cause as Error | undefined)?.message?.split('\n', 1)[0];
  return optionError(
    'worker',
    `what the threads run cannot be loaded${why ? ` (${why})` : ''}`,
    'build totp-token/pool/worker as a file of its own and hand in its URL (docs/bundlers.md)',
    { cause },
  );
}

/** The error for a worker that runs another module than that of this package. */
function otherModule(): VerifierError {
  const fault = 'what the threads run ended without an answer';
  return optionError('worker', fault, 'let it run totp-token/pool/worker (docs/bundlers.md)');
}

function nodeThread(worker: NodeWorker, { message, died }: ThreadEvents): Thread {
  // The pool holds the process itself, while it has a reason to.
  worker.unref();
  let hasSpoken = false;
  worker.on('message', (value) => {
    hasSpoken = true;
    message(value);
  });
  worker.on('messageerror', died);
  worker.on('error', (error: unknown) => {
    const isMissing = NOT_FOUND.includes((error as { code?: string } | null)?.code ?? '');
    died(isMissing ? notLoaded(error) : error);
  });
  worker.on('exit', (code) => {
    // Our module waits for messages: only another one comes to its end, and says nothing.
    const isOther = code === 0 && !hasSpoken;
    died(isOther ? otherModule() : new Error(`it ended with code ${code}`));
  });
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

function webThread(worker: Worker, { message, died }: ThreadEvents): Thread {
  worker.onmessage = (event) => message(event.data);
  worker.onerror = (event) => {
    // Handled: else it would be the page's error too.
    event.preventDefault();
    // The event of a script that could not be fetched has neither.
    const said = event.error ?? (event.message && new Error(event.message));
    died(said || notLoaded(undefined));
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
    if (timers === undefined) return;
    // The pair of one moment: a test's fake `clearInterval` would not end a real timer.
    const { setInterval, clearInterval } = timers;
    const timer = setInterval(() => {}, FOREVER_MS);
    this.#end = () => clearInterval(timer);
  }

  letGo(): void {
    if (--this.#count === 0) this.#end?.();
  }
}
