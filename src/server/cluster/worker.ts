import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { VerifierError } from '../../errors.js';
import type { MetricsText } from '../../gateway/route-context.js';
import { EndedInMemory, type EndedSessions } from '../../gateway/session/ended.js';
import type { Loaded } from '../config/loaded.js';
import { isMessage, type Message } from './messages.js';

const METRICS_MS = 5000;

/** One of several processes: what it shares with the others, by way of the one that leads them. */
export class WorkerLink {
  /** Which of them, from 1. A worker that takes another's place has a new number. */
  readonly id = cluster.worker?.id ?? 0;
  readonly ended: EndedSessions;
  #loaded!: Loaded;
  /** What was said before anybody listened. */
  #next: (() => Loaded) | undefined;
  #onReload = (next: () => Loaded): void => {
    this.#next = next;
  };
  readonly #asked = new Map<number, (text: string) => void>();
  #lastNumber = 0;

  /** Undefined in a process of its own. Knows what the others know. */
  static async find(): Promise<WorkerLink | undefined> {
    if (!cluster.isWorker) return undefined;
    const link = new WorkerLink();
    await new Promise<void>((resolve) => {
      process.on('message', (message) => {
        if (!isMessage(message) || message.totpToken !== 'welcome') return;
        link.#loaded = message.loaded;
        resolve();
      });
      tell({ totpToken: 'hello' });
    });
    return link;
  }

  private constructor() {
    const own = new EndedInMemory();
    this.ended = {
      end: (id, until, nowSeconds) => {
        own.end(id, until, nowSeconds);
        tell({ totpToken: 'ended', id, until, nowSeconds });
      },
      hasEnded: (id, began) => own.hasEnded(id, began),
    };
    process.on('message', (message) => {
      if (!isMessage(message)) return;
      if (message.totpToken === 'ended') own.end(message.id, message.until, message.nowSeconds);
      if (message.totpToken === 'all-ended') own.endAll(message.upTo);
      if (message.totpToken === 'reload') {
        this.#onReload(() => message.loaded);
      }
      if (message.totpToken === 'reload-refused') {
        this.#onReload(() => {
          throw new VerifierError('ERR_OPTION', message.why);
        });
      }
      if (message.totpToken === 'metrics') this.#asked.get(message.number)?.(message.text);
    });
    // Without the process that leads nobody would end this one.
    process.on('disconnect', orphaned);
  }

  /** What this process starts on, as all others do. */
  get loaded(): Loaded {
    return this.#loaded;
  }

  /** @param reload - Called with what gives another configuration, or throws why there is none. */
  onReload(reload: (next: () => Loaded) => void): void {
    this.#onReload = reload;
    if (this.#next !== undefined) reload(this.#next);
  }

  listening(address: string): void {
    tell({ totpToken: 'listening', address });
  }

  /** Nothing more to say: the process may end. */
  close(): void {
    process.off('disconnect', orphaned);
    process.disconnect?.();
  }

  /** The metrics of all processes together. @param registry - This one's. */
  metricsOf(registry: Registry): MetricsText {
    // Makes it listen to the leader's question, too.
    new AggregatorRegistry();
    AggregatorRegistry.setRegistries(registry);
    return async () => ({ contentType: registry.contentType, text: await this.#askMetrics() });
  }

  async #askMetrics(): Promise<string> {
    const number = ++this.#lastNumber;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#asked.set(number, resolve);
        timer = setTimeout(() => reject(new Error('no metrics in time')), METRICS_MS);
        tell({ totpToken: 'metrics?', number });
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(number);
    }
  }
}

const orphaned = (): void => void process.kill(process.pid, 'SIGTERM');

const tell = (message: Message): void => void process.send?.(message);
