/**
 * `totp-token/quorum`: one guard over several independent guards. It goes on when one of them is
 * lost.
 *
 * @packageDocumentation
 */
import { checkFunction, checkInteger, checkKnown } from '../check.js';
import { optionError, tell, VerifierError } from '../errors.js';
import { readAnswers } from './answers.js';
import { Ballot, type Majority } from './ballot.js';
import {
  type GuardAnswer,
  type GuardEvent,
  type GuardEvents,
  type GuardState,
  isKeepable,
  type ReplayGuard,
  type ReplayMark,
} from './guard.js';
import { type StartTimer, startTimeout } from './timers.js';

/** The options of `createQuorumGuard`. */
export interface QuorumOptions {
  /**
   * The longest time for an answer, in milliseconds, 1 to 60000, default 1750. Keep it above the
   * time-outs of the guards and below the verifier's `guardTimeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How many guards may silently lose marks within a token's lifetime. From 0, the default, to one
   * less than the number of guards. A guard that notices its loss and answers `stale` does not
   * count. `floor((guards + silentLosses) / 2) + 1` guards must say `fresh`, so two more such
   * guards need one more vote.
   */
  readonly silentLosses?: number | undefined;
  /**
   * Called once for each call that a guard did not answer, with an `ERR_STORE_FAILED` that names
   * the guard and has the reason as `cause`. Errors that this function throws are ignored.
   */
  readonly onGuardError?: ((error: VerifierError) => void) | undefined;
}

const MOST_GUARDS = 31;
const TIMEOUT_MS = 1750;
const MAX_TIMEOUT_MS = 60_000;
/**
 * How many marks' votes are kept for later attempts. Beyond that, the oldest votes are dropped, and
 * no call uses them.
 */
const MOST_BALLOTS = 65_536;

/** A guard over several guards. Made by `createQuorumGuard`. */
export class QuorumGuard implements ReplayGuard {
  readonly #guards: readonly ReplayGuard[];
  readonly #majority: Majority;
  readonly #timeoutMs: number;
  readonly #onGuardError: QuorumOptions['onGuardError'];
  readonly #startTimer: StartTimer;
  /** Ballots by the name of their mark, the oldest first. */
  readonly #ballots = new Map<string, Ballot>();
  /** Functions that give up the calls without an answer. */
  readonly #open = new Set<() => void>();
  /** For each guard, why it did not answer the last question. Undefined if it answered. */
  readonly #failures: unknown[] = [];
  #isClosed = false;

  /** @internal */
  constructor(
    guards: readonly ReplayGuard[],
    { timeoutMs, silentLosses, onGuardError }: QuorumOptions,
    startTimer: StartTimer = startTimeout,
  ) {
    this.#guards = guards;
    const most = guards.length - 1;
    const losses = checkInteger(silentLosses, 'silentLosses', 0, 0, most);
    const needed = Math.floor((guards.length + losses) / 2) + 1;
    this.#majority = { guards: guards.length, needed };
    this.#timeoutMs = checkInteger(timeoutMs, 'timeoutMs', TIMEOUT_MS, 1, MAX_TIMEOUT_MS);
    this.#onGuardError = checkFunction(onGuardError, 'onGuardError');
    this.#startTimer = startTimer;
  }

  /**
   * Implements `ReplayGuard.remember`. Answers as soon as enough guards have answered, and within
   * `timeoutMs`.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED` if all marks are `unavailable`. Its `cause` is an
   *   `AggregateError` with the guards' errors. `ERR_DISPOSED` after `close`.
   */
  async remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this guard was closed');
    if (marks.length === 0) return [];
    const answers = await this.#answered(marks);
    if (answers.every((answer) => answer === 'unavailable')) {
      const reasons = this.#failures.filter((reason) => reason !== undefined);
      throw new VerifierError(
        'ERR_STORE_FAILED',
        `quorum: fewer than ${this.#majority.needed} of ${this.#guards.length} guards agree on an answer`,
        { cause: new AggregateError(reasons, 'what the guards said') },
      );
    }
    return answers;
  }

  /**
   * Implements `ReplayGuard.state`: the state of the fullest guard that answers, and how many
   * guards did not answer the last question about marks.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED`: no guard returned its state within `timeoutMs`.
   */
  async state(): Promise<GuardState> {
    const states: GuardState[] = [];
    const errors: unknown[] = [];
    await new Promise<void>((resolve) => {
      const stop = this.#startTimer(this.#timeoutMs, resolve);
      const asked = this.#guards.map(async (guard) => {
        try {
          states.push((await guard.state?.()) ?? {});
        } catch (error) {
          errors.push(error);
        }
      });
      void Promise.all(asked).then(() => {
        stop();
        resolve();
      });
    });
    if (states.length > 0) {
      const fullest = states.reduce((one, each) => (fillOf(each) > fillOf(one) ? each : one));
      const guardsAway = this.#failures.filter((reason) => reason !== undefined).length;
      return { ...fullest, guardsAway };
    }
    const cause = new AggregateError(errors, 'what the guards said');
    throw new VerifierError('ERR_STORE_FAILED', 'quorum: no guard returned its state', { cause });
  }

  /** Implements `ReplayGuard.events`: the sums over its guards. */
  events(): GuardEvents {
    const sums: Partial<Record<GuardEvent, number>> = {};
    for (const guard of this.#guards) {
      for (const [event, count] of Object.entries(guard.events?.() ?? {}))
        sums[event as GuardEvent] = (sums[event as GuardEvent] ?? 0) + count;
    }
    return sums;
  }

  /**
   * Closes all guards. Calls under way get `unavailable`.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED`: some guards could not be closed. The others are
   *   closed. The errors are in its `cause`, an `AggregateError`.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const giveUp of [...this.#open]) giveUp();
    const closed = await Promise.allSettled(this.#guards.map(async (guard) => guard.close?.()));
    const errors = closed.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    if (errors.length === 0) return;
    throw new VerifierError(
      'ERR_STORE_FAILED',
      `quorum: ${errors.length} of ${this.#guards.length} guards could not be closed`,
      { cause: new AggregateError(errors, 'what the guards said') },
    );
  }

  /** Asks the guards, and waits until each mark has an answer or the time is up. */
  #answered(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    return new Promise((resolve) => {
      const answers: GuardAnswer[] = Array(marks.length).fill('unavailable');
      const joined = new Map<(answer: GuardAnswer) => void, Ballot>();
      for (const [i, mark] of marks.entries()) {
        if (!isKeepable(mark)) continue;
        const ballot = this.#ballotOf(mark);
        const onAnswer = (answer: GuardAnswer) => {
          answers[i] = answer;
          joined.delete(onAnswer);
          if (joined.size === 0) end();
        };
        joined.set(onAnswer, ballot);
        ballot.join(onAnswer);
      }
      const ballots = new Set(joined.values());
      const giveUp = () => {
        for (const [onAnswer, ballot] of [...joined]) ballot.leave(onAnswer);
      };
      const stop = this.#startTimer(this.#timeoutMs, giveUp);
      const end = () => {
        stop();
        this.#open.delete(giveUp);
        for (const ballot of ballots) this.#tidy(ballot);
        resolve(answers);
      };
      this.#open.add(giveUp);
      if (joined.size === 0) end();
      this.#ask([...ballots]);
    });
  }

  /** Asks each guard for the votes that are missing. */
  #ask(ballots: readonly Ballot[]): void {
    const lacking = this.#guards.map((_, guard) => ballots.filter((each) => each.lacks(guard)));
    // Records all questions before any guard answers, because a guard may answer at once.
    for (const [guard, each] of lacking.entries()) for (const ballot of each) ballot.asks(guard);
    // Votes that arrived since the last attempt may be enough.
    for (const ballot of ballots) ballot.decide();
    for (const [guard, each] of lacking.entries()) {
      if (each.length > 0) void this.#askOne(guard, each);
    }
  }

  /**
   * Asks one guard. Each ballot gets an answer, no matter what the guard does, even long after the
   * call has ended.
   */
  async #askOne(guard: number, ballots: readonly Ballot[]): Promise<void> {
    let answers: readonly GuardAnswer[] = [];
    try {
      const marks = Object.freeze(ballots.map(({ mark }) => mark));
      const given: unknown = await this.#guards[guard]?.remember(marks);
      answers = await readAnswers(given, ballots.length);
      this.#failures[guard] = undefined;
    } catch (error) {
      this.#failures[guard] = error;
      const message = `quorum: guard ${guard + 1} of ${this.#guards.length} gave no answer`;
      tell(this.#onGuardError, new VerifierError('ERR_STORE_FAILED', message, { cause: error }));
    }
    for (const [i, ballot] of ballots.entries()) {
      ballot.hears(guard, answers[i] ?? 'unavailable');
      this.#tidy(ballot);
    }
  }

  #ballotOf(mark: ReplayMark): Ballot {
    const name = nameOf(mark);
    const known = this.#ballots.get(name);
    if (known !== undefined) return known;
    for (const [oldest, { mark: old }] of this.#ballots) {
      // The step of this mark has begun, so marks that ended before it are over.
      if (old.keepUntilMs > mark.startsAtMs && this.#ballots.size < MOST_BALLOTS) break;
      this.#ballots.delete(oldest);
    }
    const ballot = new Ballot(Object.freeze({ ...mark }), this.#majority);
    this.#ballots.set(name, ballot);
    return ballot;
  }

  #tidy(ballot: Ballot): void {
    const name = nameOf(ballot.mark);
    if (ballot.isOver && this.#ballots.get(name) === ballot) this.#ballots.delete(name);
  }
}

const nameOf = ({ step, id }: ReplayMark): string => `${step} ${id}`;

/** How full a guard is, from 0 to 1. */
const fillOf = ({ entries = 0, capacity, bytes = 0, maxBytes }: GuardState): number =>
  Math.max(entries / (capacity ?? Infinity), bytes / (maxBytes ?? Infinity));

/**
 * Makes one guard from an odd number of independent guards, such as three Redis masters in three
 * places. A mark is `fresh` if a majority says so.
 *
 * Any two majorities have a guard in common, and a guard answers `fresh` to a mark only once. So no
 * token is accepted twice, even if guards are slow, cut off, restarted or answer late. This holds
 * as long as each guard keeps its marks, or notices a loss and answers `stale`, as all guards of
 * this library do. If some guards may lose marks silently, set `silentLosses` to their number. The
 * proof is in docs/guards-proof.md.
 *
 * A token is `unavailable` if too few guards answer. The votes that it got are kept, so this
 * guard's next attempt needs only the missing ones.
 *
 * @param guards - An odd number of guards from 3 to 31, each with its own store. They belong to the
 *   new guard: its `close` closes them.
 * @throws {VerifierError} `ERR_OPTION`.
 *
 * @example
 * const guards = await Promise.all(urls.map((url) => createRedisGuard({ url })));
 * const verifier = await createGuardedVerifier({ hosts, guard: createQuorumGuard(guards) });
 */
export function createQuorumGuard(
  guards: readonly ReplayGuard[],
  options: QuorumOptions = {},
): QuorumGuard {
  checkKnown(options, ['timeoutMs', 'silentLosses', 'onGuardError'], 'options');
  if (!Array.isArray(guards) || guards.length < 3 || guards.length % 2 === 0) {
    throw optionError('guards', 'not an odd number of guards', 'hand in 3, 5 or more');
  }
  if (guards.length > MOST_GUARDS)
    throw optionError('guards', `got ${guards.length}`, `hand in ${MOST_GUARDS} at most`);
  if (new Set(guards).size < guards.length)
    throw optionError('guards', 'one is listed twice', 'give each a store of its own');
  if (!guards.every((guard) => typeof guard?.remember === 'function'))
    throw optionError('guards', 'one is not a replay guard', 'hand in guards with remember(marks)');
  return new QuorumGuard([...guards], options);
}
