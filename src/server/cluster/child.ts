import cluster, { type Worker } from 'node:cluster';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import type { DestinationStream } from 'pino';
import { optionError, VerifierError } from '../../errors.js';
import { type Addresses, type FromLeader, type FromWorker, GUARD_FD, isOurs } from './messages.js';

export interface ChildOptions {
  /** Receives the lines that the worker prints, each in one write. */
  readonly log: DestinationStream;
  readonly errors: DestinationStream;
  readonly onMessage: (child: Child, message: FromWorker) => void;
  /**
   * Called from the constructor if the process could be started.
   *
   * @param channel - Carries the frames of the guard.
   */
  readonly onChannel: (child: Child, channel: Duplex) => void;
}

/**
 * A worker as its leader sees it. No method throws: the process may end at any moment, or may never
 * have started.
 */
export class Child {
  /** Resolves when the worker serves. Rejects with the reason if it never will. */
  readonly serving: Promise<Addresses>;
  /**
   * Resolves when the process has ended, with its signal or exit code, or with the reason why it
   * could not be started.
   */
  readonly ended: Promise<string>;
  /** Resolves when the process has ended and everything that it wrote was read. */
  readonly closed: Promise<void>;
  readonly #onMessage: ChildOptions['onMessage'];
  /** Undefined if the process could not be started. */
  #worker: Worker | undefined;
  #isGone = false;
  #serve!: (addresses: Addresses) => void;
  #fail!: (error: VerifierError) => void;
  #end!: (why: string) => void;
  #close!: () => void;
  #snapshotCame: (() => void) | undefined;
  #snapshot: Promise<void> | undefined;

  constructor({ log, errors, onMessage, onChannel }: ChildOptions) {
    this.#onMessage = onMessage;
    this.serving = new Promise((resolve, reject) => {
      this.#serve = resolve;
      this.#fail = reject;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    // A caller that does not wait for `serving` must not get an unhandled rejection.
    this.serving.catch(() => {});
    try {
      const worker = cluster.fork();
      this.#worker = worker;
      this.#watch(worker);
      // Without a process there may be no pipes either.
      if (worker.process.stdout) forward(worker.process.stdout, log);
      if (worker.process.stderr) forward(worker.process.stderr, errors);
      const channel = worker.process.stdio?.[GUARD_FD];
      if (channel) onChannel(this, channel as Duplex);
    } catch (error) {
      this.#neverStarted(error);
    }
  }

  /** Whether its process has ended, or was never started. */
  get isGone(): boolean {
    return this.#isGone;
  }

  send(message: FromLeader): void {
    if (this.#isGone || !this.#worker?.isConnected()) return;
    this.#worker.send(message, (error) => {
      // A worker that missed a message would go on with an old state. A new worker replaces it.
      if (error !== null) this.kill('SIGKILL');
    });
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!this.#isGone) this.#worker?.process.kill(signal);
  }

  /**
   * Asks the worker for its metrics. Calls before the answer share one question.
   *
   * @returns Resolves when the metrics have come, or when the worker has ended.
   */
  askSnapshot(): Promise<void> {
    this.#snapshot ??= new Promise<void>((resolve) => {
      this.#snapshotCame = resolve;
      if (this.#isGone) resolve();
      else this.send({ totpToken: 'snapshot?' });
    }).finally(() => {
      this.#snapshot = undefined;
    });
    return this.#snapshot;
  }

  #watch(worker: Worker): void {
    const { process } = worker;
    // For a process that runs, this error means that Node could not send one of its own messages.
    // The process ends soon after.
    worker.on('error', (error) => {
      if (process.pid === undefined) this.#neverStarted(error);
    });
    process.once('exit', (code, signal) => {
      const why = String(signal ?? code);
      this.#gone(why, new VerifierError('ERR_WORKER', `a worker ended (${why}) before it served`));
    });
    process.once('close', this.#close);
    worker.on('message', (message: unknown) => {
      if (isOurs(message)) this.#take(message as FromWorker);
    });
  }

  #take(message: FromWorker): void {
    this.#onMessage(this, message);
    if (message.totpToken === 'serving') {
      const { totpToken: _, ...addresses } = message;
      this.#serve(addresses);
    }
    if (message.totpToken === 'failed') {
      const { totpToken: _, code, message: text, ...parts } = message;
      this.#fail(new VerifierError(code, text, parts));
    }
    if (message.totpToken === 'snapshot') this.#snapshotCame?.();
  }

  #neverStarted(error: unknown): void {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    // Node removes a worker only when its process ends, and there was no process.
    if (this.#worker !== undefined) delete cluster.workers?.[this.#worker.id];
    this.#gone(
      code,
      optionError(
        'workers',
        `a process cannot be started (${code})`,
        'allow more processes and open files, or set fewer',
      ),
    );
    this.#close();
  }

  #gone(why: string, error: VerifierError): void {
    this.#isGone = true;
    this.#fail(error);
    this.#end(why);
    this.#snapshotCame?.();
  }
}

/** Forwards lines, each in one write. */
function forward(from: NodeJS.ReadableStream, to: DestinationStream): void {
  const lines = createInterface({ input: from }).on('line', (line) => to.write(`${line}\n`));
  // Reading the pipe of a process that was never started is an error.
  for (const source of [from, lines]) source.on('error', () => {});
}
