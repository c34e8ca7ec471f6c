import {
  type GuardAnswer,
  isKeepable,
  isOver,
  mayDrop,
  mayPrecede,
  type ReplayMark,
  UNKEEPABLE,
} from '../guard.js';
import type { Problems } from '../problems.js';
import type { Environment, Marks, Records } from './files.js';
import type { Settings } from './options.js';

/**
 * How many generations are kept at once. A window of 21 steps needs at most 31, and twice that
 * while the period changes.
 */
const PLACES = 64;
/** The key of the index record. Not 0 to 31, where the first format had its records. */
const INDEX = 32;
const FORMAT = 2;
const NO_OVERWRITE = { noOverwrite: true };
const EMPTY = new Uint8Array(0);

const NO_PLACE = `${PLACES} steps are kept, and all are still needed; check whether a clock is far ahead`;

/** One database for each place, and one for the index. */
export const DATABASES = PLACES + 1;

/** A mark with its `id` as bytes. */
export type KeyedMark = ReplayMark & { readonly key: Uint8Array };

/** The index entry of one step. */
interface Generation {
  readonly step: number;
  /** The latest `keepUntilMs` of its marks. */
  keepUntilMs: number;
  count: number;
}

/** The index: which step is in which place. */
interface Index {
  readonly format: typeof FORMAT;
  readonly createdAtMs: number;
  /**
   * The latest `keepUntilMs` of all dropped marks. Marks that ended by then are `stale` for good.
   */
  droppedMs: number;
  readonly generations: (Generation | null)[];
}

/**
 * Stores marks in generations, one for each time step. Each generation has its own database, so
 * that it can be dropped as a whole.
 *
 * Everything here runs within a write transaction. LMDB runs one at a time over all processes, so
 * look-up and write are atomic.
 */
export class Generations {
  readonly #records: Records;
  readonly #marks: readonly Marks[];
  readonly #settings: Settings;
  /** Receives the reasons why marks are `unavailable`. */
  readonly #problems: Problems;

  /** @throws {Error} The store has another format. */
  constructor(environment: Environment, settings: Settings, problems: Problems) {
    this.#settings = settings;
    this.#problems = problems;
    this.#records = environment.openDB<unknown, number>({
      name: 'records',
      keyEncoding: 'uint32',
      encoding: 'json',
    });
    environment.transactionSync(() => {
      // Another process may have written the index first.
      if (this.#records.get(INDEX) !== undefined) return;
      const generations = Array<null>(PLACES).fill(null);
      this.#write({ format: FORMAT, createdAtMs: settings.clock(), droppedMs: 0, generations });
    });
    this.#index();
    // Opens all in one commit, because each commit waits for the disk.
    this.#marks = environment.transactionSync(() =>
      Array.from({ length: PLACES }, (_, i) =>
        environment.openDB<Uint8Array, Uint8Array>({
          name: `marks-${i}`,
          keyEncoding: 'binary',
          encoding: 'binary',
        }),
      ),
    );
  }

  /**
   * Returns the answers to these marks. If it throws, no mark was answered `fresh`, and marks that
   * were written count as used.
   */
  remember(marks: readonly KeyedMark[]): GuardAnswer[] {
    const { clock, lifetimeMs, rejectsOlder } = this.#settings;
    const nowMs = clock();
    // Another process may have changed the index since the last transaction.
    const index = this.#index();
    const floorMs = rejectsOlder ? index.createdAtMs : Number.NEGATIVE_INFINITY;
    let isChanged = false;
    const answers = marks.map((mark): GuardAnswer => {
      if (!isKeepable(mark)) return this.#unavailable('times', UNKEEPABLE);
      if (isOver(mark, nowMs, index.droppedMs) || mayPrecede(mark, floorMs, lifetimeMs))
        return 'stale';
      const place = this.#placeOf(mark, index, nowMs);
      if (place === -1) return this.#unavailable('steps', NO_PLACE);
      const answer = this.#take(mark, index, place);
      isChanged ||= answer === 'fresh';
      return answer;
    });
    // Only replays need no write, which would wait for the disk.
    if (isChanged) this.#write(index);
    return answers;
  }

  /** How many accepted tokens the fullest step has. Steps that are over do not count. */
  fullest(): number {
    const nowMs = this.#settings.clock();
    const open = this.#index().generations.filter(
      (generation) => generation !== null && !mayDrop(generation.keepUntilMs, nowMs),
    );
    return Math.max(0, ...open.map((generation) => generation?.count ?? 0));
  }

  #take(mark: KeyedMark, index: Index, place: number): GuardAnswer {
    const marks = this.#marks[place] as Marks;
    const generation = index.generations[place] as Generation;
    const { capacity } = this.#settings;
    if (generation.count >= capacity) {
      if (marks.doesExist(mark.key)) return 'replayed';
      const message = `a step is full with ${capacity} tokens; raise the capacity`;
      return this.#unavailable('capacity', message);
    }
    if (generation.keepUntilMs < mark.keepUntilMs) {
      // The same step number of a longer period. The index is written first, or the mark might be
      // dropped too early.
      generation.keepUntilMs = mark.keepUntilMs;
      this.#write(index);
    }
    // Within a transaction, `putSync` returns whether it wrote. Its type does not say so.
    const isNew = marks.putSync(mark.key, EMPTY, NO_OVERWRITE) as unknown as boolean;
    if (isNew) generation.count++;
    return isNew ? 'fresh' : 'replayed';
  }

  /**
   * The place of a mark's generation, which is created if its step begins. -1 if there is no free
   * place.
   */
  #placeOf({ step, keepUntilMs }: KeyedMark, index: Index, nowMs: number): number {
    const { generations } = index;
    const found = generations.findIndex((generation) => generation?.step === step);
    if (found !== -1) return found;
    this.#dropOver(index, nowMs);
    const place = generations.indexOf(null);
    if (place === -1) return -1;
    generations[place] = { step, keepUntilMs, count: 0 };
    // The index is written first. Without it, it would not be known what was dropped.
    this.#write(index);
    this.#marks[place]?.clearSync();
    return place;
  }

  /**
   * Drops generations that no window reaches any more. Runs only when a step begins, so that it
   * costs nothing in between.
   */
  #dropOver(index: Index, nowMs: number): void {
    const { generations } = index;
    const over = [...generations.keys()].filter((place) => {
      const generation = generations[place];
      return generation && mayDrop(generation.keepUntilMs, nowMs);
    });
    if (over.length === 0) return;
    for (const place of over) {
      index.droppedMs = Math.max(index.droppedMs, generations[place]?.keepUntilMs ?? 0);
      generations[place] = null;
    }
    this.#write(index);
    for (const place of over) this.#marks[place]?.clearSync();
  }

  #unavailable(kind: 'times' | 'steps' | 'capacity', message: string): GuardAnswer {
    this.#problems.tell(kind, message);
    return 'unavailable';
  }

  #index(): Index {
    const index = this.#records.get(INDEX) as Index | undefined;
    if (index?.format === FORMAT) return index;
    throw new Error('data.mdb is of another version of totp-token');
  }

  #write(index: Index): void {
    this.#records.putSync(INDEX, index);
  }
}
