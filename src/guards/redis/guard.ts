import { VerifierError } from '../../errors.js';
import {
  type GuardAnswer,
  type GuardEvents,
  type GuardState,
  isKeepable,
  type ReplayGuard,
  type ReplayMark,
  UNKEEPABLE,
} from '../guard.js';
import { Problems, reasonOf } from '../problems.js';
import { within } from '../timers.js';
import { Attempts } from './attempts.js';
import type { Refusal } from './exchange.js';
import { type RedisGuardOptions, type Settings, settingsOf } from './options.js';
import { Question } from './question.js';
import { type Routes, routesOf } from './routes.js';
import type { Server } from './server.js';
import { ServerClock } from './server-clock.js';
import { REAL_SURROUNDINGS, type Surroundings } from './surroundings.js';

/**
 * The wait before a question is asked again, in milliseconds. It gives a server time to come back,
 * or a cluster time to elect a master.
 */
const AGAIN_MS = 50;

/** A guard on Redis or Valkey. Made by `createRedisGuard`. */
export class RedisGuard implements ReplayGuard {
  readonly #settings: Settings;
  readonly #problems: Problems;
  readonly #surroundings: Surroundings;
  readonly #clock = new ServerClock();
  readonly #attempts = new Attempts();
  readonly #routes: Routes;
  /** The questions of calls that are not answered yet. */
  readonly #open = new Set<readonly Question[]>();
  #isClosed = false;

  /** @internal */
  constructor(settings: Settings, surroundings: Partial<Surroundings> = {}) {
    this.#settings = settings;
    this.#surroundings = { ...REAL_SURROUNDINGS, ...surroundings };
    this.#problems = new Problems('redis', settings.onProblem);
    this.#routes = routesOf({
      settings,
      clock: this.#clock,
      surroundings: this.#surroundings,
      openingFloorMs: undefined,
      problems: this.#problems,
      onRefusal: (questions, refusal) => this.#refused(questions, refusal),
    });
  }

  /**
   * Implements `ReplayGuard.remember`. Answers within `timeoutMs`.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED` if all marks are `unavailable`, with the reason as
   *   `cause`. `ERR_DISPOSED` after `close`.
   */
  async remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this guard was closed');
    if (marks.length === 0) return [];
    const questions = await this.#answered(marks);
    const failed = questions.filter(({ answer }) => answer === 'unavailable');
    if (failed.length > 0) {
      const { reason } = failed[0] as Question;
      const message = `no answer for ${failed.length} of ${questions.length} tokens: ${reasonOf(reason)}`;
      this.#problems.tell('no answer', message, reason);
      if (failed.length === questions.length)
        throw new VerifierError('ERR_STORE_FAILED', `redis: ${message}`, { cause: reason });
    }
    this.#watchClocks(questions);
    return questions.map(({ answer }) => answer ?? 'unavailable');
  }

  /**
   * Implements `ReplayGuard.state`: `used_memory` and `maxmemory` of the fullest server.
   *
   * @throws {Error} A server did not answer within `timeoutMs`.
   */
  async state(): Promise<GuardState> {
    const asked = this.#routes.servers().map((server) => server.memory());
    const all = await within(this.#settings.timeoutMs, Promise.all(asked), 'no reply');
    const fill = ({ bytes = 0, maxBytes = Number.MAX_SAFE_INTEGER }: GuardState) =>
      bytes / maxBytes;
    return all.reduce((fullest, each) => (fill(each) > fill(fullest) ? each : fullest), {});
  }

  /** Implements `ReplayGuard.events`, for all servers of the guard. */
  events(): GuardEvents {
    return this.#problems.events;
  }

  /** Breaks off the connections. Calls under way get `unavailable`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#routes.close();
    for (const questions of this.#open) giveUp(questions, new Error('closed'));
  }

  /**
   * @internal Finds the servers and checks that they are fit. May be called again after a failure.
   */
  async connect(): Promise<void> {
    try {
      await this.#routes.refresh();
      await Promise.all(this.#routes.servers().map((server) => server.connection()));
    } catch (error) {
      if (error instanceof VerifierError) throw error;
      const fix = 'check that the server runs, and its address, user and password';
      const message = `redis: ${reasonOf(error)}; ${fix}`;
      throw new VerifierError('ERR_STORE_FAILED', message, { cause: error });
    }
  }

  /** Asks the servers, and waits until each question has an answer or the time is up. */
  #answered(marks: readonly ReplayMark[]): Promise<readonly Question[]> {
    return new Promise((resolve) => {
      const { prefix, timeoutMs } = this.#settings;
      const number = Attempts.number();
      const keys = new Set<string>();
      const questions = marks.map((mark) => {
        const key = `${prefix}${mark.step}:${mark.id}`;
        // A mark that occurs twice in one call is two attempts, so the second gets a new number.
        const isTwice = keys.size === keys.add(key).size;
        const attempt = this.#attempts.take(key, isTwice ? Attempts.number() : number);
        return new Question(key, mark, attempt, (question) => {
          if (question.answer === 'unavailable') this.#leaveOpen(question);
          if (--missing > 0) return;
          stop();
          this.#open.delete(questions);
          resolve(questions);
        });
      });
      let missing = questions.length;
      const late = new Error(`no answer within ${timeoutMs} ms`);
      const stop = this.#surroundings.startTimer(timeoutMs, () => giveUp(questions, late));
      this.#open.add(questions);
      const isUnkeepable = (_: Question, i: number) => !isKeepable(marks[i] as ReplayMark);
      giveUp(questions.filter(isUnkeepable), new Error(UNKEEPABLE));
      this.#ask(questions);
    });
  }

  /** Asks each question of the server that holds its key. */
  #ask(questions: readonly Question[]): void {
    const byServer = new Map<Server, Question[]>();
    const lost: Question[] = [];
    for (const question of questions) {
      if (question.answer !== undefined) continue;
      try {
        const server = this.#routes.serverOf(question.key);
        const others = byServer.get(server);
        if (others === undefined) byServer.set(server, [question]);
        else others.push(question);
      } catch (error) {
        question.reason = error;
        lost.push(question);
      }
    }
    for (const [server, each] of byServer) server.ask(each);
    if (lost.length > 0) this.#askAgain(lost);
  }

  /**
   * Handles questions that a server could not answer. Asks again, on another server if needed,
   * unless that cannot help.
   */
  #refused(questions: readonly Question[], refusal: Refusal): void {
    if (refusal.kind === 'ask') {
      this.#routes.serverAt(refusal.address).ask(questions, true);
      return;
    }
    const { kind, error } = refusal;
    for (const question of questions) question.reason = error;
    // Helps later questions too, because a cluster may have a new master by now.
    if (kind !== 'never' && !this.#isClosed) this.#routes.refresh().catch(() => {});
    if (kind === 'never' || kind === 'down' || this.#isClosed) giveUp(questions, error);
    else this.#askAgain(questions);
  }

  #askAgain(questions: readonly Question[]): void {
    this.#surroundings.startTimer(AGAIN_MS, () => {
      const ask = () => this.#ask(questions);
      this.#routes.refresh().then(ask, ask);
    });
  }

  #leaveOpen({ key, attempt, mayBeKnown, keepUntilMs }: Question): void {
    if (mayBeKnown) this.#attempts.leaveOpen(key, attempt, keepUntilMs, this.#clock.nowMs);
  }

  /**
   * Reports tokens that are over by the servers' clock but valid by the verifier's. One of the
   * clocks is wrong.
   */
  #watchClocks(questions: readonly Question[]): void {
    const late = questions.find(
      ({ answer, expiresAtMs }) => answer === 'stale' && expiresAtMs <= this.#clock.nowMs,
    );
    if (late === undefined) return;
    const seconds = Math.ceil((this.#clock.nowMs - late.expiresAtMs) / 1000);
    this.#problems.tell(
      'clocks',
      `tokens that are valid by this verifier's clock ended ${seconds} s ago by the server's clock; set the clocks`,
    );
  }
}

/** Gives up the open questions. Each keeps its known reason, or gets this one. */
function giveUp(questions: readonly Question[], reason: Error): void {
  for (const question of questions) {
    question.reason ??= reason;
    question.settle('unavailable');
  }
}

/**
 * Makes a guard on a Redis or Valkey server, a master behind Sentinels, or a cluster. Of all
 * verifiers that share it, only one accepts a token. It needs Redis 6.2 or later and the package
 * `@redis/client`.
 *
 * Each mark is one key with an expiry, written only if it does not exist. In doubt, no token is
 * accepted. The guard recovers by itself after an outage.
 *
 * @throws {VerifierError} `ERR_OPTION` if an option cannot be used. `ERR_STORE_FAILED` if a server
 *   cannot be reached or is not fit, with the reason as `cause`. `ERR_ENGINE_UNAVAILABLE` if
 *   `@redis/client` is missing. No message holds a password.
 *
 * @example
 * const guard = await createRedisGuard({ url: 'rediss://gate@redis.example:6380', password: () => readSecret() });
 * const verifier = await createGuardedVerifier({ hosts, guard });
 */
export async function createRedisGuard(options: RedisGuardOptions): Promise<RedisGuard> {
  const guard = new RedisGuard(settingsOf(options));
  try {
    await guard.connect();
    return guard;
  } catch (error) {
    await guard.close();
    throw error;
  }
}
