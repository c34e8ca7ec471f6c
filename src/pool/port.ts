/** A thread as the pool uses it: Node's worker_threads, or a Web Worker in browsers, Bun and Deno. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Stops it, wherever it is. Settles when it is gone, as far as the runtime tells. */
  stop(): Promise<unknown>;
  /** Whether the thread keeps the process alive. */
  hold(on: boolean): void;
}

export interface ThreadEvents {
  readonly message: (message: unknown) => void;
  /** It died: an uncaught error, or its end for another reason. */
  readonly died: (cause: unknown) => void;
}

/** The worker's side: where its messages come from. */
export interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  listen(receive: (message: unknown) => void): void;
}

type NodeThreads = typeof import('node:worker_threads');
type NodeOs = typeof import('node:os');

/** A module of Node without an import that a bundler for browsers would trip over. Node 20.16 and later have it. */
function nodeModule<M>(name: string): M | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => M } };
  return process?.getBuiltinModule?.(name);
}

/** Threads that this machine runs at once, 2 when it does not say. */
export function parallelism(): number {
  const os = nodeModule<NodeOs>('node:os');
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 2;
}

/** Starts a thread that runs worker.js beside this file. */
export function startThread(events: ThreadEvents): Thread {
  if (typeof Worker === 'function') {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = (event) => events.message(event.data);
    worker.onerror = (event) => events.died(event.error ?? event.message);
    worker.onmessageerror = () => events.died(new Error('a message could not be read'));
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      stop: async () => worker.terminate(),
      hold: () => {},
    };
  }
  const threads = nodeModule<NodeThreads>('node:worker_threads');
  if (threads === undefined)
    throw new Error('no threads here: Node 20.16 or later, or Web Workers, are needed');
  const worker = new threads.Worker(new URL('./worker.js', import.meta.url));
  worker.on('message', events.message);
  worker.on('error', events.died);
  worker.on('exit', (code) => events.died(new Error(`the thread ended with code ${code}`)));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    stop: () => worker.terminate(),
    hold: (on) => (on ? worker.ref() : worker.unref()),
  };
}

/** The port of the thread that this runs in. */
export function ownPort(): Port {
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
