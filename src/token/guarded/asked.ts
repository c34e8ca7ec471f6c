import { GUARD_CODES, type GuardAnswer, keepUntil, type ReplayMark } from '../../guards/guard.js';
import type { StepWindow } from '../../otp/options.js';
import type { MarkList } from '../marks.js';
import type { VerifierSettings } from '../options.js';
import { codeOf, stepIndexOf } from '../verdict.js';

const { fresh: FRESH, replayed: REPLAYED, stale: STALE } = GUARD_CODES;

/** The tokens of a batch that the guard has to decide about. */
export class PendingMarks {
  readonly #answers: Int32Array;
  readonly #list: MarkList;
  readonly #window: StepWindow;
  readonly #step: number;
  /** Each mark once. */
  readonly marks: ReplayMark[] = [];
  /** Tokens, by index, that are used up now. */
  readonly used: number[] = [];
  /**
   * For each token that is asked about, the places of its marks; the first token that has them is
   * their owner.
   */
  readonly #names: string[] = [];
  readonly #tokens: {
    readonly index: number;
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
    const known = new Map<string, number>();
    for (const [index, answer] of answers.entries()) {
      if (codeOf(answer) !== 0) continue;
      const id = list.id(index);
      const before = this.marks.length;
      const places = list.steps(index).map((i) => {
        const markStep = step - window.past + i;
        const name = `${markStep} ${id}`;
        const place = known.get(name) ?? this.marks.length;
        if (place === this.marks.length) {
          const expiresAtMs = (markStep + window.past + 1) * period * 1000;
          this.marks.push({
            id,
            step: markStep,
            startsAtMs: (markStep - window.future) * period * 1000,
            expiresAtMs,
            keepUntilMs: keepUntil(markStep, period * 1000),
          });
          this.#names.push(name);
          known.set(name, place);
        }
        return place;
      });
      this.#tokens.push({ index, places, isFirst: this.marks.length === before + places.length });
    }
  }

  /** What each mark is called, for `InFlight`. */
  get names(): readonly string[] {
    return this.#names;
  }

  /**
   * Turns the guard's answers into verdicts.
   *
   * @param isAskedElsewhere - Whether another call waits for an answer to the mark of that name. It
   *   may be the one that is told `fresh`, so a `replayed` that comes before must not be
   *   remembered.
   */
  take(said: readonly GuardAnswer[], isAskedElsewhere: (name: string) => boolean): void {
    for (const { index, places, isFirst } of this.#tokens) {
      const verdicts = places.map((place) => GUARD_CODES[said[place] as GuardAnswer]);
      const worst = Math.max(...verdicts);
      // The second of two that are alike: what the first one used up is used.
      const verdict = worst === FRESH && !isFirst ? REPLAYED : worst;
      this.#answers[index] = (this.#answers[index] as number) | verdict;
      const isKnown =
        verdict === REPLAYED &&
        !places.some((place) => isAskedElsewhere(this.#names[place] as string));
      if (isFirst && (verdict === FRESH || isKnown)) this.used.push(index);
    }
  }

  /**
   * Looks at the tokens again that the guard let through, by the keys of now: which may be others,
   * or in another order, than when it was asked.
   *
   * @param again - Answers of the same tokens, taken after the guard's.
   */
  recheck(again: Int32Array): void {
    for (const { index } of this.#tokens) {
      if (codeOf(this.#answers[index] as number) === 0)
        this.#answers[index] = again[index] as number;
    }
  }

  /**
   * A token that was let through when its step had left the window is `stale`. `now` is the step of
   * the clock after the answer.
   */
  expire(now: number): void {
    const { past } = this.#window;
    for (const { index } of this.#tokens) {
      const answer = this.#answers[index] as number;
      const step = this.#step - past + stepIndexOf(answer);
      if (codeOf(answer) === 0 && step < now - past) this.#answers[index] = STALE;
    }
  }

  /** What the core keeps of a token. */
  markBytes(index: number): Uint8Array {
    return this.#list.bytes(index);
  }

  /**
   * Takes back what the verifier's own memory knows better: it says `replayed` of a token that
   * another call has used up while this one was waiting.
   */
  correct(used: readonly number[], own: Int32Array): void {
    for (const [i, index] of used.entries()) {
      if (own[i] === REPLAYED)
        this.#answers[index] = ((this.#answers[index] as number) & ~0xff) | REPLAYED;
    }
  }
}

/**
 * Marks that calls of one verifier are waiting for answers to, by name, and how many calls each.
 */
export class InFlight {
  readonly #calls = new Map<string, number>();

  begin(names: readonly string[]): void {
    for (const name of names) this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
  }

  end(names: readonly string[]): void {
    for (const name of names) {
      const left = (this.#calls.get(name) ?? 1) - 1;
      if (left === 0) this.#calls.delete(name);
      else this.#calls.set(name, left);
    }
  }

  has(name: string): boolean {
    return this.#calls.has(name);
  }
}
