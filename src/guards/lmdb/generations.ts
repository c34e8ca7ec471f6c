import type { GuardAnswer, ReplayMark } from '../guard.js';
import type { Environment, Marks, Records } from './files.js';
import type { Settings } from './options.js';

/** Steps apart at which two share a place. Windows are 21 steps at most, so of the steps that are open none do. */
const RING = 32;
/** A generation stays this much longer than it must, in milliseconds: a clock that is set back a little finds its steps. */
const MARGIN_MS = 10_000;
const NO_OVERWRITE = { noOverwrite: true };
const EMPTY = new Uint8Array(0);
/** Key of the store's own record, besides those of the generations. */
const STORE = RING;

/** One a place in the ring, and one for the records. */
export const DATABASES = RING + 1;

/** A mark with its `id` as bytes. */
export type KeyedMark = ReplayMark & { readonly key: Uint8Array };

/** What is remembered of one step. Once dropped, the step stays known: it and older ones are `stale` for good. */
interface Generation {
  readonly step: number;
  /** When no window reaches the step any more. */
  expiresAtMs: number;
  count: number;
  readonly isDropped: boolean;
}

/**
 * Marks in generations, one a time step, in a ring of databases, as the verifier's own memory has it. A generation that is over
 * is dropped as a whole.
 *
 * Everything here runs within a write transaction, of which LMDB admits one over all processes: to look and to write is one.
 */
export class Generations {
  readonly #records: Records;
  readonly #marks: readonly Marks[];
  readonly #settings: Settings;

  constructor(environment: Environment, settings: Settings) {
    this.#settings = settings;
    this.#marks = Array.from({ length: RING }, (_, i) =>
      environment.openDB<Uint8Array, Uint8Array>({
        name: `marks-${i}`,
        keyEncoding: 'binary',
        encoding: 'binary',
      }),
    );
    const records = environment.openDB<unknown, number>({
      name: 'records',
      keyEncoding: 'uint32',
      encoding: 'json',
    });
    this.#records = records;
    environment.transactionSync(() => {
      // Another process may have been first.
      if (records.get(STORE) === undefined) records.putSync(STORE, { createdAtMs: settings.clock() });
    });
  }

  /** The answers to these marks. If it throws, nothing was promised, and what was written counts as used. */
  remember(marks: readonly KeyedMark[]): GuardAnswer[] {
    const { clock, lifetimeMs, rejectsOlder } = this.#settings;
    const nowMs = clock();
    const { createdAtMs } = this.#records.get(STORE) as { createdAtMs: number };
    const floorMs = rejectsOlder ? createdAtMs + lifetimeMs : 0;
    // Another process may have changed them since the last transaction.
    const touched = new Map<number, Generation>();
    const answers = marks.map((mark) => {
      if (mark.expiresAtMs <= nowMs || mark.expiresAtMs < floorMs) return 'stale';
      const generation = touched.get(mark.step) ?? this.#open(mark, nowMs);
      if (generation === undefined) return 'unavailable';
      if (generation.step > mark.step || generation.isDropped) return 'stale';
      touched.set(mark.step, generation);
      return this.#take(mark, generation);
    });
    for (const generation of touched.values()) {
      // Replays alone are not worth a sync of the disk.
      if (generation.count !== this.#generation(generation.step)?.count) this.#write(generation);
    }
    return answers;
  }

  /** Accepted tokens of the step that has most of them. */
  fullest(): number {
    const nowMs = this.#settings.clock();
    const counts = Array.from({ length: RING }, (_, i) => this.#generation(i)).map((generation) =>
      generation !== undefined && isOpen(generation, nowMs) ? generation.count : 0,
    );
    return Math.max(...counts);
  }

  #take(mark: KeyedMark, generation: Generation): GuardAnswer {
    const marks = this.#marksOf(mark.step);
    if (generation.count >= this.#settings.capacity) {
      return marks.doesExist(mark.key) ? 'replayed' : 'unavailable';
    }
    if (generation.expiresAtMs < mark.expiresAtMs) {
      // A verifier with a wider window. First the record, or the mark might go too soon.
      generation.expiresAtMs = mark.expiresAtMs;
      this.#write(generation);
    }
    // Within a transaction it says at once whether it wrote, which its type does not know.
    const isNew = marks.putSync(mark.key, EMPTY, NO_OVERWRITE) as unknown as boolean;
    if (isNew) generation.count++;
    return isNew ? 'fresh' : 'replayed';
  }

  /** The generation in a mark's place, a new one if its step begins; undefined if another step is still open there. */
  #open({ step, expiresAtMs }: KeyedMark, nowMs: number): Generation | undefined {
    const found = this.#generation(step);
    if (found !== undefined && found.step >= step) return found;
    // Only with a clock that is far off.
    if (found !== undefined && isOpen(found, nowMs)) return undefined;
    this.#dropOver(nowMs);
    const generation = { step, expiresAtMs, count: 0, isDropped: false };
    // First the record: without it nobody would know what has been dropped.
    this.#write(generation);
    this.#marksOf(step).clearSync();
    return generation;
  }

  /** Drops what no window reaches any more. Done when a step begins, so that it costs nothing in between. */
  #dropOver(nowMs: number): void {
    for (let i = 0; i < RING; i++) {
      const generation = this.#generation(i);
      if (generation === undefined || generation.isDropped || isOpen(generation, nowMs)) continue;
      this.#write({ ...generation, count: 0, isDropped: true });
      this.#marksOf(i).clearSync();
    }
  }

  #generation(step: number): Generation | undefined {
    return this.#records.get(step % RING) as Generation | undefined;
  }

  #write(generation: Generation): void {
    this.#records.putSync(generation.step % RING, generation);
  }

  #marksOf(step: number): Marks {
    return this.#marks[step % RING] as Marks;
  }
}

const isOpen = ({ isDropped, expiresAtMs }: Generation, nowMs: number): boolean =>
  !isDropped && expiresAtMs + MARGIN_MS > nowMs;
