import cluster, { type Worker } from 'node:cluster';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { AggregatorRegistry } from 'prom-client';
import { EndedInMemory } from '../../gateway/session/ended.js';
import type { Loaded } from '../config/loaded.js';
import { checkUnchanged } from '../config/reload.js';
import { removeDeadSocket } from '../listen.js';
import { isMessage, type Message } from './messages.js';

export interface WorkersOptions {
  /** What all of them run on, those of a later day too, until `reload`. */
  readonly loaded: Loaded;
  /** What the workers are called with. */
  readonly program: string;
  readonly args: readonly string[];
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
  /** Sessions that ended before their time, for a worker that comes later. */
  readonly #ended = new EndedInMemory();
  #loaded: Loaded;
  #isStopping = false;
  #isServing = false;
  #exitCode = 0;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    const { program, args } = options;
    // Piped, so that a line of one is not broken into by another's.
    cluster.setupPrimary({ exec: program, args: [...args], silent: true });
    cluster.on('message', (worker, message) => {
      if (isMessage(message)) void this.#take(worker, message);
    });
  }

  /** Starts them. @returns Where they serve; undefined if one could not start, which has said why. */
  async start(): Promise<string | undefined> {
    const { listen, dovecot } = this.#loaded.config;
    for (const address of [listen, dovecot.listen ?? '']) await removeDeadSocket(address);
    const addresses = await Promise.all(
      Array.from({ length: this.#loaded.config.workers }, () => this.#fork()),
    );
    this.#isServing = true;
    if (addresses.every((address) => address !== undefined)) return addresses[0];
    await this.stop();
    return undefined;
  }

  /** The exit code of a worker that could not start. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /**
   * Hands all workers another configuration; those that come later run on it, too.
   *
   * @throws {VerifierError} `ERR_OPTION`: it differs in what a running gateway cannot change; nothing has changed then.
   */
  reload(next: Loaded): void {
    checkUnchanged(this.#loaded, next);
    this.#loaded = next;
    tellAll({ totpToken: 'reload', loaded: next });
  }

  /** Has them say that the configuration was refused. */
  refuse(why: string): void {
    tellAll({ totpToken: 'reload-refused', why });
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
    const worker = cluster.fork();
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
    const { allUpTo } = this.#ended;
    if (allUpTo > 0) worker.send({ totpToken: 'all-ended', upTo: allUpTo } satisfies Message);
    for (const [id, until] of this.#ended.entries()) {
      if (until > nowSeconds) worker.send({ totpToken: 'ended', id, until, nowSeconds } satisfies Message);
    }
    worker.send({ totpToken: 'welcome', loaded: this.#loaded } satisfies Message);
  }

  async #take(from: Worker, message: Message): Promise<void> {
    if (message.totpToken === 'hello') this.#welcome(from);
    if (message.totpToken === 'ended') {
      this.#ended.end(message.id, message.until, message.nowSeconds);
      tellAll(message, from);
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

function tellAll(message: Message, but?: Worker): void {
  for (const worker of living()) if (worker !== but && worker.isConnected()) worker.send(message);
}

/** Passes lines on, each in one write. */
function forward(from: NodeJS.ReadableStream | null, to: Writable): void {
  if (from === null) return;
  createInterface({ input: from }).on('line', (line) => void to.write(`${line}\n`));
}
