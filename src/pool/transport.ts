import { described } from '../check.js';
import { optionError, VerifierError } from '../errors.js';
import type { PoolWorker, WorkerSource } from './worker-source.js';

/** A thread: a worker of Node's worker_threads, or a Web Worker in browsers, Bun and Deno. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /**
   * Stops the thread, no matter what it is doing. Settles when it has certainly stopped. May settle
   * at once if the thread is between two tasks.
   */
  stop(isIdle: boolean): Promise<unknown>;
}

export interface ThreadEvents {
  readonly message: (message: unknown) => void;
  /** Called when the thread dies by an uncaught error, or ends for another reason. */
  readonly died: (cause: unknown) => void;
}

/** The worker's side of the connection. */
export interface Transport {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  listen(receive: (message: unknown) => void): void;
}

type NodeThreads = typeof import('node:worker_threads');
type NodeWorker = import('node:worker_threads').Worker;
type NodeOs = typeof import('node:os');

/**
 * Returns a module of Node without an `import`, at which a bundler for browsers would fail. Works
 * in Node 20.16 and later.
 */
export function nodeModule<M>(name: string): M | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => M } };
  return process?.getBuiltinModule?.(name);
}

/** How many threads this machine runs at once. 2 if it is not known. */
export function parallelism(): number {
  // Read first, because it needs no permission in Deno.
  const here = globalThis.navigator?.hardwareConcurrency;
  return here ?? nodeModule<NodeOs>('node:os')?.availableParallelism() ?? 2;
}

/**
 * A separate constant, so that bundlers do not see it together with the file name. They would copy
 * worker.js without its imports.
 */
const HERE = import.meta.url;

/**
 * Starts a thread. Prefers worker_threads, which report the end of a thread. The thread runs
 * worker.js beside this file, unless `source` names another module.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: this runtime has no threads. `ERR_OPTION`: the
 *   function in `source` did not return a worker.
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
      'this runtime has no threads; use Node 20.16 or later, or one with Web Workers',
    );
  }
  // Bundlers recognise this form, and build worker.js for it.
  const worker =
    source === undefined
      ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
      : new Worker(source, { type: 'module' });
  return webThread(worker, events);
}

/**
 * Workers that callers' functions have returned. Two handles on one worker would mix up its
 * answers.
 */
const taken = new WeakSet<PoolWorker>();

/** Wraps a worker of the caller, of either kind. */
function madeThread(worker: PoolWorker, events: ThreadEvents): Thread {
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
    throw optionError(
      'worker',
      `its function returned ${described(worker)}`,
      'return a new Worker',
    );
  }
  if (taken.has(worker)) {
    throw optionError(
      'worker',
      'its function returned the same worker twice',
      'return a new one each time',
    );
  }
  taken.add(worker);
  return 'on' in worker
    ? nodeThread(worker as NodeWorker, events)
    : webThread(worker as Worker, events);
}

/** Error codes for a module that is missing, or that imports a missing one. */
const NOT_FOUND = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'];

/** The error for a module that a thread cannot load, because a bundler has left it out. */
function notLoaded(cause: unknown): VerifierError {
  const why = (cause as Error | undefined)?.message?.split('\n', 1)[0];
  return optionError(
    'worker',
    `the module of the threads cannot be loaded${why ? ` (${why})` : ''}`,
    'build totp-token/pool/worker as a file of its own and hand in its URL (docs/bundlers.md)',
    { cause },
  );
}

/** The error for a worker that runs a module other than this package's. */
function otherModule(): VerifierError {
  const fault = 'the module of the threads ended without an answer';
  return optionError('worker', fault, 'let it run totp-token/pool/worker (docs/bundlers.md)');
}

function nodeThread(worker: NodeWorker, { message, died }: ThreadEvents): Thread {
  // The pool keeps the process alive itself, while it has a reason to.
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
    // Our module waits for messages. Only another module ends by itself without a message.
    const isOther = code === 0 && !hasSpoken;
    died(isOther ? otherModule() : new Error(`it ended with code ${code}`));
  });
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    stop: () => worker.terminate(),
  };
}

/**
 * How long a Web Worker may run on after `terminate()`, in milliseconds. No event reports its end.
 * Chromium gives it two seconds.
 */
const WEB_STOP_MS = 3000;

function webThread(worker: Worker, { message, died }: ThreadEvents): Thread {
  worker.onmessage = (event) => message(event.data);
  worker.onerror = (event) => {
    // Marks the error as handled. Otherwise it would also be an error of the page.
    event.preventDefault();
    // If the script could not be fetched, the event has neither an error nor a message.
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

/** The transport of the current thread. */
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

/** The longest time of a timer, in milliseconds. The timer does nothing when it fires. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Keeps the process alive by a timer while something is under way.
 *
 * A running thread would keep the process alive, but a dead one does not. The event loop could end
 * before the next thread starts, or before the caller is answered, and Node would exit with code
 * 13. Runtimes whose processes do not end by themselves need no timer.
 */
export class ProcessHold {
  #count = 0;
  #end: (() => void) | undefined;

  hold(): void {
    if (this.#count++ > 0) return;
    const timers = nodeModule<typeof import('node:timers')>('node:timers');
    if (timers === undefined) return;
    // Takes both functions at the same time. A test's fake `clearInterval` would not end a real
    // timer.
    const { setInterval, clearInterval } = timers;
    const timer = setInterval(() => {}, FOREVER_MS);
    this.#end = () => clearInterval(timer);
  }

  letGo(): void {
    if (--this.#count === 0) this.#end?.();
  }
}
