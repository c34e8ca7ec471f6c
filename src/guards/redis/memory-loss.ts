import type { Problems } from '../problems.js';
import { type MemoryFacts, timeOfCreation } from './creation.js';
import type { Facts } from './inspect.js';
import type { Settings } from './options.js';

const SECOND_MS = 1000;

/** The last known facts about a server. */
interface Run {
  readonly id: string;
  readonly isDurable: boolean;
  /** Until this time some writes may not have been on its disk, in milliseconds by its clock. */
  readonly laxUntilMs: number;
  readonly evictedKeys: number;
  readonly creation: string | undefined;
  readonly flushes: number;
  /** The address at which it was reached. */
  readonly name: string;
}

/**
 * Finds out when a server may have lost marks: it was restarted without each write on its disk,
 * another server took over from it, it was emptied, or it evicted keys. Tokens that were valid
 * before the floor may have been accepted and forgotten.
 */
export class MemoryLoss {
  readonly #settings: Settings;
  readonly #problems: Problems;
  #run: Run | undefined;
  /** The latest time that this run of the server has reported. */
  #seenMs = 0;
  #floorMs = 0;

  constructor(settings: Settings, problems: Problems) {
    this.#settings = settings;
    this.#problems = problems;
  }

  get floorMs(): number {
    return this.#floorMs;
  }

  /**
   * Takes the facts of an inspection. The guard inspects a server after it connects, and every few
   * seconds.
   */
  note(facts: Facts, name: string): void {
    const { runId, nowMs, evictedKeys, creation, flushes } = facts;
    const before = this.#run;
    const isSame = before?.id === runId;
    // An append-only file that is written for the first time does not count before it is complete.
    const isDurable = facts.isDurable && (!facts.isRewriting || (isSame && before.isDurable));
    const wasDurable = before === undefined || before.isDurable;
    // The setting may have changed at any time since the last inspection.
    const laxUntilMs = isDurable && wasDurable ? (before?.laxUntilMs ?? 0) : nowMs;
    if (before === undefined) this.#first(isDurable, facts, name);
    else if (isSame) {
      this.#evictions(before.evictedKeys, evictedKeys, nowMs, name);
      this.#emptied(before, facts, name);
      this.#flushed(before.flushes, flushes, nowMs, name);
      if (wasDurable && !isDurable) {
        this.#problems.tell(
          'durability',
          `${name} no longer syncs each write; a restart may lose accepted tokens`,
        );
      }
    } else {
      const isKept = this.#isKept(before, isDurable && wasDurable, facts, name);
      this.#evictions(0, evictedKeys, nowMs, name);
      this.#flushed(0, flushes, nowMs, name);
      // The restart was reported already, so an empty server after it is not reported again.
      this.#emptied(isKept ? before : { ...before, creation: undefined }, facts, name);
    }
    this.#run = { id: runId, isDurable, laxUntilMs, evictedKeys, creation, flushes, name };
    this.#seenMs = nowMs;
  }

  /**
   * Handles a new run id. Either the server was restarted, or this is another server. It is another
   * server if its name differs, or if it already ran while the one before still answered.
   *
   * @returns Whether certainly no mark was lost.
   */
  #isKept(before: Run, isDurable: boolean, { startedAtMs, nowMs }: Facts, name: string): boolean {
    if (name !== before.name || startedAtMs <= this.#seenMs) {
      this.#problems.count('failover');
      if (!isDurable) this.#raise(startedAtMs);
      // A replica gets a write after the master has answered it, unless WAIT waits for the replica.
      if (this.#settings.wait !== undefined) return isDurable;
      this.#raise(nowMs);
      const what = `has taken over from ${before.name}, which may not have passed on all accepted tokens`;
      this.#problems.tell('failover', `${name} ${what}: earlier tokens are stale; set wait`);
      return false;
    }
    this.#problems.count('restart');
    this.#raise(isDurable ? before.laxUntilMs : startedAtMs);
    // Within one second, it is not known whether the start or the last answer came first.
    const mayBeOther = startedAtMs - SECOND_MS <= this.#seenMs;
    if (mayBeOther && this.#settings.wait === undefined) this.#raise(nowMs);
    else if (isDurable) return true;
    if (isDurable) {
      const what = 'was restarted within a second of its last answer, or is another server';
      this.#problems.tell('restart', `${name} ${what}: earlier tokens are stale; set wait`);
      return false;
    }
    const what =
      'was restarted, and did not sync each write: tokens that it may have forgotten are stale';
    this.#problems.tell('restart', `${name} ${what}`);
    return false;
  }

  /**
   * Takes the facts of an answer.
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

  /**
   * Whether the server has not said when its memory was created, so that it must be inspected
   * again.
   */
  get lacksCreation(): boolean {
    return this.#settings.kind !== 'cluster' && this.#run?.creation === undefined;
  }

  /** Handles the first inspection. What happened before the guard was made is not known. */
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
   * Notices that a server was emptied: its creation key is gone or has changed. The server
   * remembers since the time in the new value.
   */
  #emptied(before: Run, { nowMs, evictedKeys, creation }: MemoryFacts, name: string): void {
    if (creation !== undefined && creation === before.creation) return;
    this.#raise(this.#rememberedSinceMs(creation, nowMs));
    const isKnown = before.creation === undefined || before.evictedKeys !== evictedKeys;
    if (isKnown || this.#settings.kind === 'cluster') return;
    this.#tellEmptied(name);
  }

  /**
   * Notices that a node of a cluster was emptied, by its count of flushes. A count that went down
   * was reset, and counts may have been lost in between.
   */
  #flushed(before: number, flushes: number, nowMs: number, name: string): void {
    if (flushes === before) return;
    this.#raise(nowMs);
    this.#tellEmptied(name);
  }

  #tellEmptied(name: string): void {
    this.#problems.count('emptied');
    this.#problems.tell(
      'emptied',
      `${name} was emptied, and its accepted tokens are lost: earlier tokens are stale`,
    );
  }

  /**
   * The key is written at most `marginMs` after the time in it. Nodes of a cluster have no such
   * key.
   */
  #rememberedSinceMs(creation: string | undefined, nowMs: number): number {
    const { kind, marginMs } = this.#settings;
    if (kind === 'cluster') return 0;
    return ((creation && timeOfCreation(creation)) || nowMs) + marginMs;
  }

  /**
   * Notices that the count of evicted keys has changed. A count that went down was reset by
   * somebody. Keys may have been evicted in between.
   */
  #evictions(before: number, evictedKeys: number, nowMs: number, name: string): void {
    if (evictedKeys === before) return;
    this.#raise(nowMs);
    this.#problems.count('eviction');
    this.#problems.tell(
      'eviction',
      `${name} has evicted keys, perhaps accepted tokens: earlier tokens are stale; set maxmemory-policy noeviction`,
    );
  }

  #raise(momentMs: number): void {
    if (this.#settings.rejectStepsBefore !== 'none')
      this.#floorMs = Math.max(this.#floorMs, momentMs);
  }
}
