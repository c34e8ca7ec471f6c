import { GUARD_CODES, type GuardAnswer, keepUntil, type ReplayMark } from '../../guards/guard.js';
import type { StepWindow } from '../../otp/options.js';
import type { MarkList } from '../marks.js';
import type { VerifierSettings } from '../options.js';
import { codeOf, stepIndexOf } from '../verdict.js';

const { fresh: FRESH, replayed: REPLAYED, stale: STALE } = GUARD_CODES;

/** The tokens of a batch that the guard must decide about. */
export class PendingMarks {
  readonly #answers: Int32Array;
  readonly #list: MarkList;
  readonly #window: StepWindow;
  readonly #step: number;
  /** The marks without duplicates, frozen for the guard. */
  readonly marks: readonly ReplayMark[];
  /** Indices of the tokens that are used up now. */
  readonly used: number[] = [];
  /**
   * For each token, the indices of its marks in `marks`. The first token with these marks is their
   * owner.
   */
  readonly #tokens: {
    readonly index: number;
    readonly id: string;
    readonly places: readonly number[];
    readonly isFirst: boolean;
  }[] = [];

  constructor(
    answers: Int32Array,
    list: MarkList,
    { window, period }: VerifierSettings,
    step: number,
  ) {
    this.#answers = answers;
    this.#list = list;
    this.#window = window;
    this.#step = step;
    const marks: ReplayMark[] = [];
    const known = new Map<string, number>();
    for (const [index, answer] of answers.entries()) {
      if (codeOf(answer) !== 0) continue;
      const id = list.id(index);
      const before = marks.length;
      const places = list.steps(index).map((i) => {
        const markStep = step - window.past + i;
        const name = `${markStep} ${id}`;
        const place = known.get(name) ?? marks.length;
        if (place === marks.length) {
          marks.push(markOf(id, markStep, window, period));
          known.set(name, place);
        }
        return place;
      });
      this.#tokens.push({ index, id, places, isFirst: marks.length === before + places.length });
    }
    this.marks = Object.freeze(marks);
  }

  /**
   * Turns the guard's answers into verdicts.
   *
   * @param others - The other calls under way. One of them may wait for an answer about the same
   *   mark and get `fresh`. So a `replayed` that arrives before must not be remembered.
   */
  take(said: readonly GuardAnswer[], others: InFlight): void {
    for (const { index, id, places, isFirst } of this.#tokens) {
      const verdicts = places.map((place) => GUARD_CODES[said[place] as GuardAnswer]);
      const worst = Math.max(...verdicts);
      // The second of two equal tokens is replayed if the first was accepted.
      const verdict = worst === FRESH && !isFirst ? REPLAYED : worst;
      this.#answers[index] = (this.#answers[index] as number) | verdict;
      const isKnown = verdict === REPLAYED && !others.has(id);
      if (isFirst && (verdict === FRESH || isKnown)) this.used.push(index);
    }
  }

  /**
   * Checks the tokens that the guard let through again, with the present keys. These may have
   * changed, or have another order, since the guard was asked.
   *
   * @param again - Answers about the same tokens, made after the guard's answers.
   */
  recheck(again: Int32Array): void {
    for (const { index } of this.#tokens) {
      if (codeOf(this.#answers[index] as number) === 0)
        this.#answers[index] = again[index] as number;
    }
  }

  /**
   * Makes tokens `stale` whose step has left the window in the meantime.
   *
   * @param now - The step of the clock after the guard's answer.
   */
  expire(now: number): void {
    const { past } = this.#window;
    for (const { index } of this.#tokens) {
      const answer = this.#answers[index] as number;
      const step = this.#step - past + stepIndexOf(answer);
      if (codeOf(answer) === 0 && step < now - past) this.#answers[index] = STALE;
    }
  }

  /** The mark of a token in the core's form. */
  markBytes(index: number): Uint8Array {
    return this.#list.bytes(index);
  }

  /**
   * Corrects answers by the verifier's own memory, which answers `replayed` if another call has
   * used up a token while this call was waiting.
   */
  correct(used: readonly number[], own: Int32Array): void {
    for (const [i, index] of used.entries()) {
      if (own[i] === REPLAYED)
        this.#answers[index] = ((this.#answers[index] as number) & ~0xff) | REPLAYED;
    }
  }
}

/** Makes the mark of a token in one step, for the guard. */
export function markOf(
  id: string,
  step: number,
  window: StepWindow,
  periodSeconds: number,
): ReplayMark {
  const periodMs = periodSeconds * 1000;
  return Object.freeze({
    id,
    step,
    startsAtMs: (step - window.future) * periodMs,
    expiresAtMs: (step + window.past + 1) * periodMs,
    keepUntilMs: keepUntil(step, periodMs),
  });
}

/**
 * Counts the calls of one verifier that wait for an answer about a mark, by the mark's id. A token
 * that is valid in two steps has two marks with the same id.
 */
export class InFlight {
  readonly #calls = new Map<string, number>();

  begin(marks: readonly ReplayMark[]): void {
    for (const { id } of marks) this.#calls.set(id, (this.#calls.get(id) ?? 0) + 1);
  }

  end(marks: readonly ReplayMark[]): void {
    for (const { id } of marks) {
      const left = (this.#calls.get(id) ?? 1) - 1;
      if (left === 0) this.#calls.delete(id);
      else this.#calls.set(id, left);
    }
  }

  has(id: string): boolean {
    return this.#calls.has(id);
  }
}
