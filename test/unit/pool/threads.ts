/**
 * The threads that pools start in a suite: to count what they are given, to kill them, to make them
 * fail.
 */
import threads from 'node:worker_threads';
import { afterEach, beforeAll } from 'vitest';

interface Hooks {
  /** Before a thread is made. What it throws is what making the thread throws. */
  make?: (() => void) | undefined;
  /** What is posted in place of a message to a thread. */
  post?: ((message: Message) => unknown) | undefined;
  /** Around an event of a thread, before the pool sees it and after. */
  before?: ((event: string | symbol, message: Message | undefined) => void) | undefined;
  after?: ((event: string | symbol, message: Message | undefined) => void) | undefined;
}

/** As far as the suites look into it. */
export interface Message {
  readonly kind: string;
  readonly task?: { readonly kind: string };
  readonly memory?: WebAssembly.Memory;
  readonly region?: { readonly start: number; readonly bytes: number };
}

export class Threads {
  /** In the order in which they were started. */
  readonly started: Thread[] = [];
  readonly hooks: Hooks = {};
}

export interface Thread extends threads.Worker {
  /** Batches and lines that it was given. */
  readonly tasks: number;
  /** Its first message. */
  readonly start: Message | undefined;
}

/** Watches the threads of this file's pools. */
export function watchThreads(): Threads {
  const watched = new Threads();
  const { started, hooks } = watched;
  const { Worker } = threads;

  class Watched extends Worker implements Thread {
    tasks = 0;
    start: Message | undefined;

    constructor(...args: ConstructorParameters<typeof Worker>) {
      hooks.make?.();
      super(...args);
      started.push(this);
    }

    override postMessage(message: Message, ...rest: []): void {
      if (message.kind === 'start') this.start = message;
      else if (message.task?.kind !== 'keys') this.tasks++;
      super.postMessage(hooks.post ? hooks.post(message) : message, ...rest);
    }

    override emit(event: string | symbol, ...args: readonly unknown[]): boolean {
      const message = args[0] as Message | undefined;
      hooks.before?.(event, message);
      const heard = super.emit(event, ...args);
      hooks.after?.(event, message);
      return heard;
    }
  }

  beforeAll(() => {
    threads.Worker = Watched;
    return () => {
      threads.Worker = Worker;
    };
  });
  afterEach(() => {
    started.length = 0;
    for (const name of Object.keys(hooks) as (keyof Hooks)[]) delete hooks[name];
  });
  return watched;
}
