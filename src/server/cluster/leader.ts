import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { EndedInMemory } from '../../gateway/session/ended.js';
import { checkUnchanged } from '../config/reload.js';
import { type Loaded, listeningOf } from '../config/schema.js';
import { openLeaderGuard } from '../guard.js';
import { removeDeadSocket } from '../listen.js';
import { whyOf } from '../observe/log.js';
import { CLOSE_MS, type RunningServer, within } from '../run.js';
import { Child, type ChildOptions } from './child.js';
import { FleetMetrics } from './fleet-metrics.js';
import { answerWorker, type MarkStore } from './guard/answerer.js';
import {
  type Addresses,
  type Ended,
  type FromLeader,
  type FromWorker,
  WORKER_STDIO,
} from './messages.js';

export interface LeaderOptions extends Pick<ChildOptions, 'log' | 'errors'> {
  /** The program that the workers run, and its arguments below. */
  readonly program: string;
  readonly args: readonly string[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** A worker that ends sooner than this after its start is not started again at once. */
const SOON_MS = 1000;
/** How long the next start waits after a failure. The wait doubles with each failure. */
const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 30_000;
/**
 * How long workers may take to send metrics, in milliseconds. A late worker counts with its last
 * ones.
 */
const METRICS_MS = 1000;
/**
 * How long after `limits.drainMs` a worker is killed, in milliseconds. By itself it ends half a
 * second after.
 */
const KILL_MS = 700;

/**
 * Starts several processes that serve one address, and replaces those that end. The leader itself
 * serves nothing.
 *
 * @throws {VerifierError} A process cannot start. All others have ended then.
 */
export async function startLeader(loaded: Loaded, options: LeaderOptions): Promise<RunningServer> {
  for (const { address } of listeningOf(loaded.config)) await removeDeadSocket(address);
  const { program, args, clock } = options;
  const { config, rules, folder = '.' } = loaded;
  // The guard reports a failure to the worker that asked.
  const guard = await openLeaderGuard({ config, rules, folder, clock, onProblem() {} });
  // The output is piped, so that lines of two workers do not mix.
  cluster.setupPrimary({ exec: program, args: [...args], stdio: [...WORKER_STDIO] });
  const leader = new Leader(loaded, options, guard);
  const addresses = await leader.start();
  return {
    ...addresses,
    apply: async (next) => leader.apply(next),
    refuse: (why) => leader.refuse(why),
    stop: () => leader.stop(),
  };
}

class Leader {
  readonly #options: LeaderOptions;
  /** The guard of all workers. Undefined if each worker asks a Redis server itself. */
  readonly #guard: MarkStore | undefined;
  readonly #children = new Set<Child>();
  readonly #metrics = new FleetMetrics();
  #collecting: Promise<void> | undefined;
  /** Sessions that ended before their time, for workers that start later. */
  readonly #ended = new EndedInMemory();
  /** Signs the sessions of all workers, so that each accepts the others'. */
  readonly #sessionSecret = randomBytes(32).toString('hex');
  readonly #stopping = new AbortController();
  #loaded: Loaded;
  #generation = 1;

  constructor(loaded: Loaded, options: LeaderOptions, guard: MarkStore | undefined) {
    this.#loaded = this.#completed(loaded);
    this.#options = options;
    this.#guard = guard;
  }

  /** Starts as many workers as the configuration says. */
  async start(): Promise<Addresses> {
    const started = Array.from(
      { length: this.#loaded.config.workers },
      () =>
        new Promise<Addresses>((resolve, reject) => {
          void this.#keepOne(resolve, (error) => {
            // No other worker is started again.
            this.#stopping.abort();
            reject(error);
          });
        }),
    );
    try {
      return (await Promise.all(started))[0]!;
    } catch (error) {
      for (const child of this.#children) child.kill('SIGKILL');
      await Promise.all([...this.#children].map(({ closed }) => closed));
      await this.#closeGuard();
      throw error;
    }
  }

  /** Hands all workers a new configuration. Workers that start later run on it too. */
  apply(next: Loaded): void {
    const completed = this.#completed(next);
    checkUnchanged(this.#loaded, completed);
    this.#loaded = completed;
    this.#generation++;
    this.#sendToAll(this.#state());
  }

  refuse(why: unknown): void {
    this.#sendToAll({ ...this.#state(), refused: whyOf(why) });
  }

  async stop(): Promise<boolean> {
    this.#stopping.abort();
    const children = [...this.#children];
    const ends = await Promise.all(children.map((child) => this.#end(child)));
    await this.#closeGuard();
    return ends.every((why) => why === '0');
  }

  /**
   * Ends a worker, by force if it does not end by itself.
   *
   * @returns How it ended, as `Child.ended`.
   */
  async #end(child: Child): Promise<string> {
    child.kill('SIGTERM');
    const { drainMs } = this.#loaded.config.limits;
    const deadline = setTimeout(() => child.kill('SIGKILL'), drainMs + KILL_MS);
    await child.closed;
    clearTimeout(deadline);
    return child.ended;
  }

  async #closeGuard(): Promise<void> {
    if (this.#guard !== undefined) await within(CLOSE_MS, this.#guard.close());
  }

  /**
   * Keeps one worker running until the leader stops: when a worker ends, starts the next.
   *
   * @param started - Called when the first worker serves.
   * @param failed - Called if the first worker never does.
   */
  async #keepOne(
    started: (addresses: Addresses) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    const { signal } = this.#stopping;
    let waitMs = 0;
    let isFirst = true;
    while (!signal.aborted) {
      const beganMs = performance.now();
      const child = this.#fork();
      const hasServed = await child.serving.then(
        (addresses) => {
          started(addresses);
          return true;
        },
        (error: unknown) => {
          if (isFirst) failed(error);
          else if (!signal.aborted) this.#say(`a worker cannot start: ${whyOf(error)}`);
          return false;
        },
      );
      isFirst = false;
      const why = await child.ended;
      if (signal.aborted) return;
      const isSound = hasServed && performance.now() - beganMs >= SOON_MS;
      waitMs = isSound ? 0 : Math.min(Math.max(FIRST_WAIT_MS, waitMs * 2), MOST_WAIT_MS);
      const when = waitMs > 0 ? ` in ${waitMs / 1000} s` : '';
      this.#say(`a worker ended (${why}), another takes its place${when}`);
      await delay(waitMs, undefined, { signal }).catch(() => {});
    }
  }

  #fork(): Child {
    const { log, errors } = this.#options;
    const child = new Child({
      log,
      errors,
      onMessage: (from, message) => void this.#take(from, message),
      onChannel: (from, channel) => this.#answer(from, channel),
    });
    this.#children.add(child);
    void child.closed.then(() => {
      this.#children.delete(child);
      this.#metrics.bury(child);
    });
    return child;
  }

  #answer(child: Child, channel: Duplex): void {
    if (this.#guard === undefined) {
      channel.destroy();
      return;
    }
    answerWorker(channel, this.#guard, () => {
      // A worker that was killed may have ended within a frame.
      if (child.isGone) return;
      this.#say('a worker sent the guard bytes that are not a question; it is being ended');
      void this.#end(child);
    });
  }

  async #take(from: Child, message: FromWorker): Promise<void> {
    switch (message.totpToken) {
      case 'hello':
        from.send({ ...this.#state(), ended: this.#allEnded() });
        break;
      case 'ended': {
        const { sessions, revoked = [], nowSeconds } = message.ended;
        for (const [id, until] of sessions) this.#ended.end(id, until, nowSeconds);
        for (const revocation of revoked) this.#ended.revoke(revocation, nowSeconds);
        this.#sendToAll({ totpToken: 'ended', ended: message.ended }, from);
        break;
      }
      case 'snapshot':
        this.#metrics.keep(from, message.snapshot);
        break;
      case 'metrics?':
        await this.#collect();
        from.send({
          totpToken: 'metrics',
          number: message.number,
          text: await this.#metrics.text(),
        });
        break;
    }
  }

  /** Asks all workers for their metrics. Requests at the same time share one round. */
  #collect(): Promise<void> {
    this.#collecting ??= this.#askAll().finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  async #askAll(): Promise<void> {
    const late = new AbortController();
    await Promise.race([
      Promise.all([...this.#children].map((child) => child.askSnapshot())),
      delay(METRICS_MS, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
  }

  #state() {
    return { totpToken: 'state', generation: this.#generation, loaded: this.#loaded } as const;
  }

  #allEnded(): Ended {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const sessions = [...this.#ended.entries()].filter(([, until]) => until > nowSeconds);
    const revoked = [...this.#ended.revocations()].filter(({ until }) => until > nowSeconds);
    return { sessions, allUpTo: Math.max(0, this.#ended.allUpTo), revoked, nowSeconds };
  }

  #completed(loaded: Loaded): Loaded {
    return { ...loaded, sessionSecret: loaded.sessionSecret ?? this.#sessionSecret };
  }

  /** @param except - The worker that already knows the message. */
  #sendToAll(message: FromLeader, except?: Child): void {
    for (const child of this.#children) if (child !== except) child.send(message);
  }

  #say(text: string): void {
    this.#options.errors.write(`${text}\n`);
  }
}
