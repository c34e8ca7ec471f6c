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
 * Generations at once. A window of 21 steps keeps 31 open at most, and while the period changes
 * there are two kinds of them.
 */
const PLACES = 64;
/** Where the index is. The first format had other records, and this one too. */
const INDEX = 32;
const FORMAT = 2;
const NO_OVERWRITE = { noOverwrite: true };
const EMPTY = new Uint8Array(0);

const NO_PLACE = `${PLACES} steps are kept, and none is over; see whether a clock is far ahead`;

/** One a place, and one for the index. */
export const DATABASES = PLACES + 1;

/** A mark with its `id` as bytes. */
export type KeyedMark = ReplayMark & { readonly key: Uint8Array };

/** What is remembered of one step. */
interface Generation {
  readonly step: number;
  /** The latest of its marks. */
  keepUntilMs: number;
  count: number;
}

/** What is where. */
interface Index {
  readonly format: typeof FORMAT;
  readonly createdAtMs: number;
  /** The latest `keepUntilMs` of what was dropped: all that ended by then is `stale` for good. */
  droppedMs: number;
  readonly generations: (Generation | null)[];
}

/**
 * Marks in generations, one a time step, each in a database of its own: one that is over is dropped
 * as a whole.
 *
 * Everything here runs within a write transaction, of which LMDB admits one over all processes: to
 * look and to write is one.
 */
export class Generations {
  readonly #records: Records;
  readonly #marks: readonly Marks[];
  readonly #settings: Settings;
  /** Hears why a mark is `unavailable`. */
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
      // Another process may have been first.
      if (this.#records.get(INDEX) !== undefined) return;
      const generations = Array<null>(PLACES).fill(null);
      this.#write({ format: FORMAT, createdAtMs: settings.clock(), droppedMs: 0, generations });
    });
    this.#index();
    // In one commit: each waits for the disk.
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
   * The answers to these marks. If it throws, nothing was promised, and what was written counts as
   * used.
   */
  remember(marks: readonly KeyedMark[]): GuardAnswer[] {
    const { clock, lifetimeMs, rejectsOlder } = this.#settings;
    const nowMs = clock();
    // Another process may have changed it since the last transaction.
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
    // Replays alone are not worth a sync of the disk.
    if (isChanged) this.#write(index);
    return answers;
  }

  /** Accepted tokens of the step that has most of them, of those that are not over. */
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
      const message = `a step has the ${capacity} tokens that it has room for; raise the capacity`;
      return this.#unavailable('capacity', message);
    }
    if (generation.keepUntilMs < mark.keepUntilMs) {
      // The same step of a longer period. First the index, or the mark might go too soon.
      generation.keepUntilMs = mark.keepUntilMs;
      this.#write(index);
    }
    // Within a transaction it says at once whether it wrote, which its type does not know.
    const isNew = marks.putSync(mark.key, EMPTY, NO_OVERWRITE) as unknown as boolean;
    if (isNew) generation.count++;
    return isNew ? 'fresh' : 'replayed';
  }

  /** Where a mark's generation is, a new one if its step begins; -1 if there is no room for one. */
  #placeOf({ step, keepUntilMs }: KeyedMark, index: Index, nowMs: number): number {
    const { generations } = index;
    const found = generations.findIndex((generation) => generation?.step === step);
    if (found !== -1) return found;
    this.#dropOver(index, nowMs);
    const place = generations.indexOf(null);
    if (place === -1) return -1;
    generations[place] = { step, keepUntilMs, count: 0 };
    // First the index: without it nobody would know what has been dropped.
    this.#write(index);
    this.#marks[place]?.clearSync();
    return place;
  }

  /**
   * Drops what no window reaches any more. Done when a step begins, so that it costs nothing in
   * between.
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
