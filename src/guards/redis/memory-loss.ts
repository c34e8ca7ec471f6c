import type { Problems } from '../problems.js';
import { type MemoryFacts, timeOfCreation } from './creation.js';
import type { Facts } from './inspect.js';
import type { Settings } from './options.js';

const SECOND_MS = 1000;

/** What was last known of a server. */
interface Run {
  readonly id: string;
  readonly isDurable: boolean;
  /** Until when not every write was surely on its disk, by its clock in milliseconds. */
  readonly laxUntilMs: number;
  readonly evictedKeys: number;
  readonly creation: string | undefined;
  readonly flushes: number;
  /** Where it was reached. */
  readonly name: string;
}

/**
 * Finds out when a server may have forgotten marks: it was restarted without having each write on
 * its disk, another one took over from it, it was emptied, or has evicted keys. Tokens that were good
 * before the floor may have been accepted, and forgotten.
 */
export class MemoryLoss {
  readonly #settings: Settings;
  readonly #problems: Problems;
  #run: Run | undefined;
  /** The latest time that the run has told. */
  #seenMs = 0;
  #floorMs = 0;

  constructor(settings: Settings, problems: Problems) {
    this.#settings = settings;
    this.#problems = problems;
  }

  get floorMs(): number {
    return this.#floorMs;
  }

  /** A server was looked at: after each start of a connection, and every few seconds. */
  note(facts: Facts, name: string): void {
    const { runId, nowMs, evictedKeys, creation, flushes } = facts;
    const before = this.#run;
    const isSame = before?.id === runId;
    // A file that is written for the first time does not count until it is done.
    const isDurable = facts.isDurable && (!facts.isRewriting || (isSame && before.isDurable));
    const wasDurable = before === undefined || before.isDurable;
    // A setting that changed may have changed at any moment since the last look.
    const laxUntilMs = isDurable && wasDurable ? (before?.laxUntilMs ?? 0) : nowMs;
    if (before === undefined) this.#first(isDurable, facts, name);
    else if (isSame) {
      this.#evictions(before.evictedKeys, evictedKeys, nowMs, name);
      this.#emptied(before, facts, name);
      this.#flushed(before.flushes, flushes, nowMs, name);
      if (wasDurable && !isDurable) {
        this.#problems.tell(
          'durability',
          `${name} does not sync each write any more; a restart may forget`,
        );
      }
    } else {
      const isKept = this.#isKept(before, isDurable && wasDurable, facts, name);
      this.#evictions(0, evictedKeys, nowMs, name);
      this.#flushed(0, flushes, nowMs, name);
      // The restart was reported already, so a server that is empty after it is not reported again.
      this.#emptied(isKept ? before : { ...before, creation: undefined }, facts, name);
    }
    this.#run = { id: runId, isDurable, laxUntilMs, evictedKeys, creation, flushes, name };
    this.#seenMs = nowMs;
  }

  /**
   * Another run than before: the server was restarted; or another one is reached, since this one
   * has another name or ran already when the one before still answered.
   *
   * @returns Whether nothing may be lost.
   */
  #isKept(before: Run, isDurable: boolean, { startedAtMs, nowMs }: Facts, name: string): boolean {
    if (name !== before.name || startedAtMs <= this.#seenMs) {
      this.#problems.count('failover');
      if (!isDurable) this.#raise(startedAtMs);
      // A replica is sent a write after it was answered; but for WAIT, which waits for it.
      if (this.#settings.wait !== undefined) return isDurable;
      this.#raise(nowMs);
      const what = `has taken over from ${before.name}, which may not have passed on all that it accepted`;
      this.#problems.tell(
        'failover',
        `${name} ${what}: tokens that were good before are stale; set wait`,
      );
      return false;
    }
    this.#problems.count('restart');
    this.#raise(isDurable ? before.laxUntilMs : startedAtMs);
    // In the second of its start nobody knows which was first: its start or the last answer.
    const mayBeOther = startedAtMs - SECOND_MS <= this.#seenMs;
    if (mayBeOther && this.#settings.wait === undefined) this.#raise(nowMs);
    else if (isDurable) return true;
    if (isDurable) {
      const what = 'answers after a second with another run, and may be another server';
      this.#problems.tell('restart', `${name} ${what}: tokens of before are stale; set wait`);
      return false;
    }
    const what = 'was restarted, and did not sync each write: what it has forgotten is stale';
    this.#problems.tell('restart', `${name} ${what}`);
    return false;
  }

  /**
   * With each answer.
   *
   * @returns The floor, in milliseconds by the server's clock.
   */
  after({ nowMs, evictedKeys, creation }: MemoryFacts, name: string): number {
    const run = this.#run;
    if (run === undefined) return this.#floorMs;
    if (run.evictedKeys !== evictedKeys) this.#evictions(run.evictedKeys, evictedKeys, nowMs, name);
    this.#emptied(run, { nowMs, evictedKeys, creation }, name);
    this.#seenMs = Math.max(this.#seenMs, nowMs);
    if (run.evictedKeys !== evictedKeys || run.creation !== creation)
      this.#run = { ...run, evictedKeys, creation };
    return this.#floorMs;
  }

  /** Whether the server does not say when its memory was created, and so has to be looked at. */
  get lacksCreation(): boolean {
    return this.#settings.kind !== 'cluster' && this.#run?.creation === undefined;
  }

  /** Nobody knows what happened before the guard was made. */
  #first(isDurable: boolean, facts: Facts, name: string): void {
    const { startedAtMs, nowMs, evictedKeys, creation, flushes } = facts;
    const { rejectStepsBefore } = this.#settings;
    if (rejectStepsBefore === 'restart' || rejectStepsBefore === 'none') return;
    if (!isDurable) this.#raise(startedAtMs);
    this.#evictions(0, evictedKeys, nowMs, name);
    if (rejectStepsBefore !== 'creation') return;
    this.#raise(this.#rememberedSinceMs(creation, nowMs));
    this.#flushed(0, flushes, nowMs, name);
  }

  /**
   * A server whose key of creation is gone, or has another value than before, was emptied. It
   * remembers since the time in the value that it has now.
   */
  #emptied(before: Run, { nowMs, evictedKeys, creation }: MemoryFacts, name: string): void {
    if (creation !== undefined && creation === before.creation) return;
    this.#raise(this.#rememberedSinceMs(creation, nowMs));
    const isKnown = before.creation === undefined || before.evictedKeys !== evictedKeys;
    if (isKnown || this.#settings.kind === 'cluster') return;
    this.#tellEmptied(name);
  }

  /** Nodes of a cluster are asked how often they were emptied. Also a count that was set back. */
  #flushed(before: number, flushes: number, nowMs: number, name: string): void {
    if (flushes === before) return;
    this.#raise(nowMs);
    this.#tellEmptied(name);
  }

  #tellEmptied(name: string): void {
    this.#problems.count('emptied');
    this.#problems.tell(
      'emptied',
      `${name} was emptied, and its accepted tokens are lost: tokens that were good before are stale`,
    );
  }

  /** The key is written `marginMs` after the time in it at most. Nodes of a cluster have none. */
  #rememberedSinceMs(creation: string | undefined, nowMs: number): number {
    const { kind, marginMs } = this.#settings;
    if (kind === 'cluster') return 0;
    return ((creation && timeOfCreation(creation)) || nowMs) + marginMs;
  }

  /** Also a count that somebody has set back: what it was in between is not known. */
  #evictions(before: number, evictedKeys: number, nowMs: number, name: string): void {
    if (evictedKeys === before) return;
    this.#raise(nowMs);
    this.#problems.count('eviction');
    this.#problems.tell(
      'eviction',
      `${name} has evicted keys, maybe accepted tokens: tokens that were good before are stale; set maxmemory-policy noeviction`,
    );
  }

  #raise(momentMs: number): void {
    if (this.#settings.rejectStepsBefore !== 'none')
      this.#floorMs = Math.max(this.#floorMs, momentMs);
  }
}
