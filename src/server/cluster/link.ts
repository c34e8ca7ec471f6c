import cluster from 'node:cluster';
import { Socket } from 'node:net';
import type { Registry } from 'prom-client';
import type { VerifierError } from '../../errors.js';
import type { MetricsText } from '../../gateway/route-context.js';
import { EndedInMemory, type EndedSessions } from '../../gateway/session/ended.js';
import type { ReplayGuard } from '../../guards/guard.js';
import { LeaderGuard } from './guard/asker.js';
import {
  type Addresses,
  type Ended,
  type FromLeader,
  type FromWorker,
  GUARD_FD,
  isOurs,
  type Snapshot,
  type State,
} from './messages.js';

/**
 * How long a worker waits for the metrics of all. The leader itself waits a second for its workers.
 */
const METRICS_MS = 3000;

/** A worker's connection to its leader, and through it to the other workers. */
export class WorkerLink {
  /** The worker's number, from 1. A worker that replaces another has a new number. */
  readonly id = cluster.worker?.id ?? 0;
  readonly ended: EndedSessions;
  /** Called with each state that the leader sends. */
  #onState: (state: State) => void = () => {};
  /** The newest state. */
  #state!: State;
  #registry: Registry | undefined;
  readonly #asked = new Map<number, (text: string) => void>();
  #lastNumber = 0;

  /**
   * Joins the other workers.
   *
   * @returns A link that has received the state of the leader.
   */
  static async join(): Promise<WorkerLink> {
    const link = new WorkerLink();
    await new Promise<void>((resolve) => {
      link.#onState = () => resolve();
      void send({ totpToken: 'hello' });
    });
    return link;
  }

  private constructor() {
    const own = new EndedInMemory();
    this.ended = {
      end: (id, until, nowSeconds) => {
        own.end(id, until, nowSeconds);
        void send({
          totpToken: 'ended',
          ended: { sessions: [[id, until]], allUpTo: 0, nowSeconds },
        });
      },
      revoke: (revocation, nowSeconds) => {
        own.revoke(revocation, nowSeconds);
        void send({
          totpToken: 'ended',
          ended: { sessions: [], allUpTo: 0, revoked: [revocation], nowSeconds },
        });
      },
      hasEnded: (id, began, nowSeconds, jid) => own.hasEnded(id, began, nowSeconds, jid),
      list: (nowSeconds) => own.list(nowSeconds),
    };
    const learn = ({ sessions, allUpTo, revoked = [], nowSeconds }: Ended) => {
      if (allUpTo > 0) own.endAll(allUpTo);
      for (const revocation of revoked) own.revoke(revocation, nowSeconds);
      for (const [id, until] of sessions) own.end(id, until, nowSeconds);
    };
    process.on('message', (message) => {
      if (!isOurs(message)) return;
      const received = message as FromLeader;
      switch (received.totpToken) {
        case 'state':
          if (received.ended !== undefined) learn(received.ended);
          this.#state = received;
          this.#onState(received);
          break;
        case 'ended':
          learn(received.ended);
          break;
        case 'snapshot?':
          void this.#sendSnapshot();
          break;
        case 'metrics':
          this.#asked.get(received.number)?.(received.text);
          break;
      }
    });
  }

  /** The newest state. */
  get state(): State {
    return this.#state;
  }

  /** @param onState - Called with each state from now on. */
  follow(onState: (state: State) => void): void {
    this.#onState = onState;
  }

  serving({ address, dovecot, spoe, operators }: Addresses): void {
    void send({ totpToken: 'serving', address, dovecot, spoe, operators });
  }

  /** Tells the leader why this worker cannot start. */
  failed({ code, message, field, fault, fix }: VerifierError): Promise<void> {
    return send({ totpToken: 'failed', code, message, field, fault, fix });
  }

  /**
   * Opens the guard that the leader holds. Call it once. When the guard is lost, this worker ends.
   *
   * @param timeoutMs - How long the leader may take to answer, in milliseconds.
   */
  openGuard(timeoutMs: number): ReplayGuard {
    const channel = new Socket({ fd: GUARD_FD, readable: true, writable: true });
    return new LeaderGuard(channel, { timeoutMs, onLost: leaveLeader });
  }

  /**
   * @param onAlone - Called when the leader, or the guard that it holds, is gone. Before this
   *   method is called, that loss ends the process at once.
   */
  outliveLeader(onAlone: () => void): void {
    const { worker } = cluster;
    worker?.on('disconnect', () => {
      // Node's cluster reads this next, and would end the process if it were false.
      worker.exitedAfterDisconnect = true;
      onAlone();
    });
  }

  /** Sends the last metrics of this worker to the leader. */
  leave(): Promise<void> {
    return this.#sendSnapshot();
  }

  /**
   * The metrics of all processes together.
   *
   * @param registry - The registry of this process.
   */
  metricsOf(registry: Registry): MetricsText {
    this.#registry = registry;
    return async () => ({ contentType: registry.contentType, text: await this.#askMetrics() });
  }

  async #sendSnapshot(): Promise<void> {
    // If a metric cannot be read, no snapshot is sent. That is not worth a fault.
    const snapshot = (await this.#registry?.getMetricsAsJSON().catch(() => undefined)) as
      | Snapshot
      | undefined;
    if (snapshot !== undefined) await send({ totpToken: 'snapshot', snapshot });
  }

  async #askMetrics(): Promise<string> {
    const number = ++this.#lastNumber;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(number, resolve);
        timer = setTimeout(() => reject(new Error('no metrics in time')), METRICS_MS);
        void send({ totpToken: 'metrics?', number });
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(number);
    }
  }
}

/**
 * Disconnects from a leader whose guard is gone. Node may not know yet that the leader is gone too.
 * A write to it would then be an error that ends this process.
 */
function leaveLeader(): void {
  if (process.connected) process.disconnect();
}

/**
 * Sends a message to the leader. Never fails: without a leader there is nobody to tell.
 *
 * @returns Resolves when the message is sent.
 */
function send(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
