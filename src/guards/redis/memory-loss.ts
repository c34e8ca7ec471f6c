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
}

/**
 * Finds out when a server may have forgotten marks: it was restarted without having each write on
 * its disk, or has evicted keys. Tokens that were good before the floor may have been accepted, and
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
    const { runId, nowMs, startedAtMs, evictedKeys } = facts;
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
      if (wasDurable && !isDurable) {
        this.#problems.tell(
          'durability',
          `${name} does not sync each write any more; a restart may forget`,
        );
      }
    } else {
      this.#raise(isDurable && wasDurable ? before.laxUntilMs : startedAtMs);
      this.#evictions(0, evictedKeys, nowMs, name);
      if (!isDurable || !wasDurable) {
        const what = 'was restarted, and did not sync each write: what it has forgotten is stale';
        this.#problems.tell('restart', `${name} ${what}`);
      }
    }
    this.#run = { id: runId, isDurable, laxUntilMs, evictedKeys };
  }

  /**
   * With each answer: keys that were evicted until then.
   *
   * @returns The floor, in milliseconds by the server's clock.
   */
  after(nowMs: number, evictedKeys: number, name: string): number {
    const run = this.#run;
    if (run !== undefined && run.evictedKeys !== evictedKeys) {
      this.#evictions(run.evictedKeys, evictedKeys, nowMs, name);
      this.#run = { ...run, evictedKeys };
    }
    return this.#floorMs;
  }

  /** Nobody knows what happened before the guard was made. */
  #first(isDurable: boolean, { startedAtMs, nowMs, evictedKeys }: Facts, name: string): void {
    const { rejectStepsBefore } = this.#settings;
    if (rejectStepsBefore !== 'start' && rejectStepsBefore !== 'opening') return;
    if (!isDurable) this.#raise(startedAtMs);
    this.#evictions(0, evictedKeys, nowMs, name);
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
