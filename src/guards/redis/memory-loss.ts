import { type MemoryFacts, timeOfCreation } from './creation.js';
import type { Facts } from './inspect.js';
import type { Settings } from './options.js';
import type { Problems } from './problems.js';

/** What was last known of a server. */
interface Run {
  readonly id: string;
  readonly isDurable: boolean;
  /** Until when not every write was surely on its disk, by its clock in milliseconds. */
  readonly laxUntilMs: number;
  readonly evictedKeys: number;
  readonly creation: string | undefined;
}

/**
 * Finds out when a server may have forgotten marks: it was restarted without having each write on
 * its disk, was emptied, or has evicted keys. Tokens that were good before the floor may have been accepted, and
 * forgotten.
 */
export class MemoryLoss {
  readonly #settings: Settings;
  readonly #problems: Problems;
  #run: Run | undefined;
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
    const { runId, nowMs, startedAtMs, evictedKeys, creation } = facts;
    const before = this.#run;
    const isSame = before?.id === runId;
    // A file that is written for the first time does not count until it is done.
    const isDurable = facts.isDurable && (!facts.isRewriting || (isSame && before.isDurable));
    const wasDurable = before === undefined || before.isDurable;
    // What changed, did so at any moment since the last look.
    const laxUntilMs = isDurable && wasDurable ? (before?.laxUntilMs ?? 0) : nowMs;
    if (before === undefined) this.#first(isDurable, facts, name);
    else if (isSame) {
      this.#evictions(before.evictedKeys, evictedKeys, nowMs, name);
      this.#emptied(before, facts, name);
      if (wasDurable && !isDurable) {
        this.#problems.tell(
          'durability',
          `${name} does not sync each write any more; a restart may forget`,
        );
      }
    } else {
      const isLossy = !isDurable || !wasDurable;
      this.#raise(isLossy ? startedAtMs : before.laxUntilMs);
      this.#evictions(0, evictedKeys, nowMs, name);
      if (isLossy) {
        const what = 'was restarted, and did not sync each write: what it has forgotten is stale';
        this.#problems.tell('restart', `${name} ${what}`);
      }
      // The restart says enough of one that is empty after it.
      this.#emptied(isLossy ? { ...before, creation: undefined } : before, facts, name);
    }
    this.#run = { id: runId, isDurable, laxUntilMs, evictedKeys, creation };
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
    const { startedAtMs, nowMs, evictedKeys, creation } = facts;
    const { rejectStepsBefore } = this.#settings;
    if (rejectStepsBefore === 'restart' || rejectStepsBefore === 'none') return;
    if (!isDurable) this.#raise(startedAtMs);
    this.#evictions(0, evictedKeys, nowMs, name);
    if (rejectStepsBefore === 'creation') this.#raise(this.#rememberedSinceMs(creation, nowMs));
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
    this.#problems.tell(
      'emptied',
      `${name} was emptied, and accepted tokens with it: those of before are stale`,
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
    this.#problems.tell(
      'eviction',
      `${name} has evicted keys, maybe accepted tokens: those of before are stale; set maxmemory-policy noeviction`,
    );
  }

  #raise(momentMs: number): void {
    if (this.#settings.rejectStepsBefore !== 'none')
      this.#floorMs = Math.max(this.#floorMs, momentMs);
  }
}
