import type { GuardState } from '../guard.js';
import { type Problems, reasonOf } from '../problems.js';
import { LateError, within } from '../timers.js';
import { type Address, nameOf } from './address.js';
import { Breaker } from './breaker.js';
import type { Connection } from './connection.js';
import type { MemoryFacts } from './creation.js';
import { Exchange, type Refusal, type Refused } from './exchange.js';
import { inspect } from './inspect.js';
import { MemoryLoss } from './memory-loss.js';
import type { Settings } from './options.js';
import type { Question } from './question.js';
import type { ServerClock } from './server-clock.js';
import type { Surroundings } from './surroundings.js';

/** The most marks in one piece. The server can serve other clients between pieces. */
const MOST_AT_ONCE = 1000;
/**
 * The most pieces under way. With `WAIT` it is one: `WAIT` blocks a connection, so the next piece
 * is gathered meanwhile.
 */
const MOST_UNDER_WAY = 64;

/** How often a server is inspected, in milliseconds. Its settings can change while it runs. */
const LOOK_AGAIN_MS = 5000;

/** State that all servers of a guard share. */
export interface Shared {
  readonly settings: Settings;
  readonly clock: ServerClock;
  readonly surroundings: Surroundings;
  /**
   * Tokens that were valid before this time may have been accepted elsewhere. Undefined until a
   * server was inspected.
   */
  openingFloorMs: number | undefined;
  readonly problems: Problems;
  /** Called with questions that a server could not answer. */
  readonly onRefusal: (questions: readonly Question[], refusal: Refusal) => void;
}

/**
 * One master. Questions of one turn of the event loop are sent together, over one connection. If it
 * breaks, a new one is opened.
 */
export class Server {
  readonly #locate: () => Promise<Address>;
  readonly #shared: Shared;
  readonly #breaker: Breaker;
  readonly #mostUnderWay: number;
  #waiting: { readonly question: Question; readonly isAsking: boolean }[] = [];
  #underWay = 0;
  #isScheduled = false;
  #isClosed = false;
  #connection: Promise<Connection> | undefined;
  readonly #memoryLoss: MemoryLoss;
  #name = '';
  /** When the server was last inspected, by `elapsedMs`. */
  #lookedMs = 0;
  #looking: Promise<void> | undefined;
  /** Connections whose loss has been counted. */
  readonly #lost = new WeakSet<Promise<Connection>>();
  #lastError: unknown;

  constructor(locate: () => Promise<Address>, shared: Shared) {
    const { settings, problems } = shared;
    const { wait, retryAfterMs } = settings;
    this.#locate = locate;
    this.#shared = shared;
    this.#memoryLoss = new MemoryLoss(settings, problems);
    this.#breaker = new Breaker(retryAfterMs);
    this.#mostUnderWay = wait === undefined ? MOST_UNDER_WAY : 1;
  }

  /**
   * @param isAsking - Another node has redirected these questions here, because their slot is
   *   moving.
   */
  ask(questions: readonly Question[], isAsking = false): void {
    for (const question of questions) this.#waiting.push({ question, isAsking });
    this.#schedule();
  }

  /** A connection to the server, which was inspected and found fit. */
  connection(): Promise<Connection> {
    if (this.#connection === undefined) {
      const connection = this.#open();
      this.#connection = connection;
      // Calls that wait for the connection get the error. The next call tries again.
      connection.catch(() => this.#forget(connection));
    }
    return this.#connection;
  }

  /** The state of the server's memory. `maxBytes` is missing if there is no limit. */
  async memory(): Promise<GuardState> {
    const [info] = await (await this.connection()).oneByOne([['INFO', 'memory']]);
    if (info instanceof Error) throw info;
    const field = (name: string) =>
      Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(String(info))?.[1] ?? 0);
    const maxBytes = field('maxmemory');
    return { bytes: field('used_memory'), ...(maxBytes > 0 ? { maxBytes } : {}) };
  }

  close(): void {
    this.#isClosed = true;
    const connection = this.#connection;
    if (connection !== undefined) this.#forget(connection);
    this.#schedule();
  }

  /** Gathers questions until the end of this turn of the event loop. */
  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0 || this.#underWay >= this.#mostUnderWay)
      return;
    this.#isScheduled = true;
    this.#shared.surroundings.afterTurn(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    // Some questions were given up while they waited.
    const waiting = this.#waiting.filter(({ question }) => question.answer === undefined);
    const isAsking = waiting[0]?.isAsking ?? false;
    let count = waiting.findIndex((each) => each.isAsking !== isAsking);
    count = Math.min(count === -1 ? waiting.length : count, MOST_AT_ONCE);
    const questions = waiting.slice(0, count).map(({ question }) => question);
    this.#waiting = waiting.slice(count);
    if (questions.length === 0) return;
    const { onRefusal, surroundings } = this.#shared;
    if (this.#isClosed) onRefusal(questions, { kind: 'elsewhere', error: new Error('closed') });
    else if (!this.#breaker.mayPass(surroundings.elapsedMs()))
      onRefusal(questions, { kind: 'down', error: asError(this.#lastError) });
    else {
      this.#underWay++;
      void this.#exchange(questions, isAsking).finally(() => {
        this.#underWay--;
        this.#schedule();
      });
    }
    this.#schedule();
  }

  async #exchange(questions: readonly Question[], isAsking: boolean): Promise<void> {
    const { settings, onRefusal, problems, surroundings } = this.#shared;
    const used = this.connection();
    try {
      const refused = await within(
        settings.timeoutMs,
        this.#ask(await used, questions, isAsking),
        'no reply',
        surroundings.startTimer,
      );
      this.#breaker.succeeded();
      for (const { refusal, questions: each } of refused) {
        // A server that is no longer a master is inspected again before its next use.
        if (refusal.kind === 'demoted') this.#forget(used);
        onRefusal(each, refusal);
      }
    } catch (error) {
      this.#lastError = error;
      // Failures of one connection count once, because a healthy server can lose a connection too.
      const counts = !this.#lost.has(used);
      if (counts && this.#breaker.failed(error instanceof LateError, surroundings.elapsedMs()))
        problems.count('left-alone');
      this.#lost.add(used);
      this.#forget(used);
      onRefusal(questions, { kind: 'elsewhere', error: asError(error) });
    }
  }

  async #ask(
    connection: Connection,
    all: readonly Question[],
    isAsking: boolean,
  ): Promise<readonly Refused[]> {
    const { settings, clock, surroundings } = this.#shared;
    const sinceMs = surroundings.elapsedMs() - this.#lookedMs;
    const isDue = sinceMs >= LOOK_AGAIN_MS || this.#memoryLoss.lacksCreation;
    if (isDue) await this.#lookAgain(connection);
    // Questions that were given up while the connection was being opened must not be sent. Their
    // marks would not be recognised as ours later.
    const questions = all.filter(({ answer }) => answer === undefined);
    if (questions.length === 0) return [];
    const first = new Exchange(questions, settings, isAsking);
    for (const question of questions) question.mayBeKnown = true;
    const floorAfter = (memory: MemoryFacts) =>
      Math.max(
        this.#memoryLoss.after(memory, this.#name),
        this.#shared.openingFloorMs ?? Number.NEGATIVE_INFINITY,
      );
    const replies = await connection.pipeline(first.commands);
    if (replies !== undefined) return first.read(replies, clock, floorAfter);
    const second = new Exchange(questions, settings, isAsking);
    return second.read(await connection.oneByOne(second.commands), clock, floorAfter);
  }

  async #open(): Promise<Connection> {
    const { settings, surroundings } = this.#shared;
    const address = await this.#locate();
    const connection = await surroundings.connect(address, settings);
    this.#name = nameOf(address);
    try {
      await this.#look(connection);
      if (this.#isClosed) throw new Error('closed');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Inspects the server again. Calls at the same time share one inspection. */
  #lookAgain(connection: Connection): Promise<void> {
    this.#looking ??= this.#look(connection).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** @throws {Error} The server is not fit, or does not answer. */
  async #look(connection: Connection): Promise<void> {
    const { settings, surroundings } = this.#shared;
    const facts = await within(
      settings.connectTimeoutMs,
      inspect(connection, this.#name, settings),
      `${this.#name} did not answer`,
      surroundings.startTimer,
    );
    this.#lookedMs = surroundings.elapsedMs();
    if (settings.rejectStepsBefore === 'opening') {
      this.#shared.openingFloorMs ??= facts.nowMs + settings.marginMs;
    }
    this.#memoryLoss.note(facts, this.#name);
  }

  #forget(connection: Promise<Connection>): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.then(
      (open) => open.close(),
      () => {},
    );
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(reasonOf(error));
