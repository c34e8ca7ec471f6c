import cluster, { type Worker } from 'node:cluster';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { AggregatorRegistry } from 'prom-client';
import { isMessage, type Message } from './messages.js';

export interface WorkersOptions {
  readonly count: number;
  /** What the workers are called with, and their environment on top of this process's. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the lines of all workers go, whole ones. */
  readonly log: Writable;
  readonly errors: Writable;
}

/** A worker that ends sooner than this after its start is not started again at once. */
const SOON_MS = 1000;

/** Several processes that serve one address: starts them, and others in the place of those that die. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #registry = new AggregatorRegistry();
  /** Sessions that ended before their time, for a worker that comes later: until when each matters, in seconds. */
  readonly #ended = new Map<string, number>();
  #isStopping = false;
  #isServing = false;
  #exitCode = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
    const { program, args } = options;
    // Piped, so that a line of one is not broken into by another's.
    cluster.setupPrimary({ exec: program, args: [...args], silent: true });
    cluster.on('message', (worker, message) => {
      if (isMessage(message)) void this.#take(worker, message);
    });
  }

  /** Starts them. @returns Where they serve; undefined if one could not start, which has said why. */
  async start(): Promise<string | undefined> {
    const addresses = await Promise.all(Array.from({ length: this.#options.count }, () => this.#fork()));
    this.#isServing = true;
    if (addresses.every((address) => address !== undefined)) return addresses[0];
    await this.stop();
    return undefined;
  }

  /** The exit code of a worker that could not start. */
  get exitCode(): number {
    return this.#exitCode;
  }

  reload(): void {
    for (const worker of living()) worker.process.kill('SIGHUP');
  }

  /** Ends them, and waits until they have. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      living().map(
        (worker) =>
          new Promise<void>((resolve) => {
            worker.once('exit', () => resolve());
            worker.process.kill('SIGTERM');
          }),
      ),
    );
  }

  #fork(): Promise<string | undefined> {
    const began = performance.now();
    const worker = cluster.fork(this.#options.env);
    forward(worker.process.stdout, this.#options.log);
    forward(worker.process.stderr, this.#options.errors);
    return new Promise((resolve) => {
      worker.on('message', (message: unknown) => {
        if (isMessage(message) && message.totpToken === 'listening') resolve(message.address);
      });
      worker.once('exit', (code, signal) => {
        resolve(undefined);
        if (this.#isStopping) return;
        if (!this.#isServing) {
          this.#exitCode ||= code || 1;
          return;
        }
        this.#options.errors.write(`a worker ended (${signal ?? code}), another one takes its place\n`);
        const waitMs = performance.now() - began < SOON_MS ? SOON_MS : 0;
        setTimeout(() => {
          if (!this.#isStopping) void this.#fork();
        }, waitMs);
      });
    });
  }

  #welcome(worker: Worker): void {
    const nowSeconds = Math.floor(Date.now() / 1000);
    for (const [id, until] of this.#ended) {
      if (until <= nowSeconds) this.#ended.delete(id);
      else worker.send({ totpToken: 'ended', id, until, nowSeconds } satisfies Message);
    }
    worker.send({ totpToken: 'welcome' } satisfies Message);
  }

  async #take(from: Worker, message: Message): Promise<void> {
    if (message.totpToken === 'hello') this.#welcome(from);
    if (message.totpToken === 'ended') {
      this.#ended.set(message.id, message.until);
      for (const worker of living()) if (worker !== from) worker.send(message);
    }
    if (message.totpToken === 'metrics?') {
      const text = await this.#registry.clusterMetrics().catch(() => '');
      if (from.isConnected()) {
        from.send({ totpToken: 'metrics', number: message.number, text } satisfies Message);
      }
    }
  }
}

const living = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter(
    (worker): worker is Worker => worker !== undefined && !worker.isDead(),
  );

/** Passes lines on, each in one write. */
function forward(from: NodeJS.ReadableStream | null, to: Writable): void {
  if (from === null) return;
  createInterface({ input: from }).on('line', (line) => void to.write(`${line}\n`));
}
