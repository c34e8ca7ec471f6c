import { VerifierError } from '../../../errors.js';
import { type GuardState, isKeepable, type ReplayMark } from '../../../guards/guard.js';
import { MAX_WINDOW } from '../../../limits.js';
import type { StepWindow } from '../../../otp/options.js';
import { VERDICT_CODES, type VerdictCode } from '../../../token/verdict.js';
import { Core, MARK_BYTES } from '../../../wasm/core.js';
import { moduleFor } from '../../../wasm/module.js';
import type { MarkStore } from './answerer.js';
import { ANSWERS, MAX_MARKS, type PackedMarks, UNAVAILABLE } from './frames.js';

export interface TableOptions {
  /** How many accepted tokens are remembered for each step. */
  readonly capacity: number;
  /** Steps around the present one that are remembered. */
  readonly window: StepWindow;
  /**
   * With `'start'`, tokens that an earlier process may have accepted are `stale`: those of the step
   * in which this guard was opened or earlier, and of later steps that `window.future` allows for a
   * clock that was ahead.
   */
  readonly rejectStepsBefore: 'start' | 'none';
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly clock: () => number;
}

/** A gateway uses one period. Marks with other periods must not allocate memory without limit. */
const MAX_PERIODS = 8;
/** One call of the core takes marks of this many successive steps. */
const STEPS_AT_ONCE = 32;

const STALE = ANSWERS.indexOf('stale');
const ANSWER_OF: Partial<Record<VerdictCode, number>> = {
  accepted: ANSWERS.indexOf('fresh'),
  replayed: ANSWERS.indexOf('replayed'),
  stale: STALE,
};
/** Indexed by the number of the core's verdict. */
const ANSWER_OF_VERDICT = VERDICT_CODES.map((code) => ANSWER_OF[code] ?? UNAVAILABLE);

/**
 * The guard that the leader holds in memory for all of its workers. For each period it has the
 * core's own tables, as a single process would have them.
 */
export class GuardTable implements MarkStore {
  readonly #module: WebAssembly.Module;
  readonly #options: TableOptions;
  readonly #openedMs: number;
  readonly #tables = new Map<number, PeriodTable>();

  /**
   * @param period - Period of the tokens, in seconds. Its table is made at once.
   * @throws {VerifierError} `ERR_MEMORY`.
   */
  static async open(options: TableOptions, period: number): Promise<GuardTable> {
    const table = new GuardTable(await moduleFor(undefined), options);
    table.#tableOf(period * 1000);
    return table;
  }

  private constructor(module: WebAssembly.Module, options: TableOptions) {
    this.#module = module;
    this.#options = options;
    this.#openedMs = options.clock();
  }

  remember(marks: PackedMarks, answers: Uint8Array): void {
    const nowMs = this.#options.clock();
    let last: PeriodTable | undefined;
    for (let i = 0; i < marks.count; i++) {
      const mark = marks.moments(i);
      const table = isKeepable(mark) ? this.#tableOf(periodMsOf(mark)) : undefined;
      if (table === undefined || mark.expiresAtMs <= nowMs) {
        answers[i] = table === undefined ? UNAVAILABLE : STALE;
        continue;
      }
      if (last !== table) last?.settle(answers);
      last = table;
      table.add(marks, i, mark.step, answers);
    }
    last?.settle(answers);
  }

  state(): GuardState {
    const tables = [...this.#tables.values()];
    return {
      entries: Math.max(...tables.map((table) => table.fullest())),
      capacity: this.#options.capacity,
      bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    };
  }

  async close(): Promise<void> {
    for (const table of this.#tables.values()) table.wipe();
  }

  #tableOf(periodMs: number): PeriodTable | undefined {
    const known = this.#tables.get(periodMs);
    if (known !== undefined || this.#tables.size === MAX_PERIODS) return known;
    if (!Number.isSafeInteger(periodMs) || periodMs <= 0) return undefined;
    const { capacity, window, rejectStepsBefore } = this.#options;
    const firstStep =
      rejectStepsBefore === 'none' ? 0 : Math.floor(this.#openedMs / periodMs) + window.future + 1;
    const made = new PeriodTable(new Core(this.#module), capacity, stepsOf(window), firstStep);
    this.#tables.set(periodMs, made);
    return made;
  }
}

const stepsOf = ({ past, future }: StepWindow): number => past + 1 + future;

/** The period of a mark, from its `keepUntilMs`: the inverse of `keepUntil`. */
const periodMsOf = ({ step, keepUntilMs }: Omit<ReplayMark, 'id'>): number =>
  keepUntilMs / (step + MAX_WINDOW + 1);

/** The table of one period. One call asks the core about marks of several steps. */
class PeriodTable {
  readonly bytes: number;
  readonly #core: Core;
  readonly #steps: number;
  /** The indices in the frame of the marks that the next call asks the core about. */
  readonly #places = new Uint16Array(MAX_MARKS);
  readonly #verdicts = new Int32Array(MAX_MARKS);
  #count = 0;
  /** The earliest step that these marks can have. */
  #base = 0;

  constructor(core: Core, capacity: number, steps: number, firstStep: number) {
    this.#core = core;
    this.#steps = steps;
    // `past` is 0: bit 0 of a mark is the step that the core is given. The core gets no keys.
    core.calls.configure(0, 0, 8, 32, 32, 0);
    if (core.calls.guardCreate(steps, capacity, firstStep) === 0) {
      throw new VerifierError(
        'ERR_MEMORY',
        `no memory for a guard of ${capacity} tokens a step; lower guard.capacity`,
      );
    }
    core.refresh();
    this.bytes = core.calls.guardBytes(steps, capacity);
  }

  add(marks: PackedMarks, index: number, step: number, answers: Uint8Array): void {
    const bit = step - this.#base;
    if (this.#count === 0 || bit < 0 || bit >= STEPS_AT_ONCE) {
      this.settle(answers);
      this.#base = step - STEPS_AT_ONCE / 2;
    }
    const { input } = this.#core;
    const at = this.#count * MARK_BYTES;
    marks.copyMac(index, input, at);
    const bits = 1 << (step - this.#base);
    for (let i = 0; i < 4; i++) input[at + 12 + i] = bits >>> (8 * i);
    this.#places[this.#count++] = index;
  }

  /** Asks the core about the marks that were added. */
  settle(answers: Uint8Array): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#core.calls.guardSettle(count, this.#base);
    this.#core.takeAnswers(count, this.#verdicts, 0);
    for (let i = 0; i < count; i++) {
      const verdict = this.#verdicts[i] as number;
      answers[this.#places[i] as number] = ANSWER_OF_VERDICT[verdict] ?? UNAVAILABLE;
    }
  }

  /** How many accepted tokens the fullest step has. */
  fullest(): number {
    const { calls } = this.#core;
    let most = 0;
    for (let i = 0; i < this.#steps; i++) most = Math.max(most, calls.guardEntries(i));
    return most;
  }

  wipe(): void {
    this.#core.calls.wipe();
  }
}
