import type { Core } from '../wasm/core.js';

const EMPTY = new Int32Array(0);

/** Answers gathered from several calls of the core, in order. */
export class AnswerList {
  readonly #expected: number;
  #answers = EMPTY;
  #count = 0;

  /** @param expected - How many will come, more or less. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Adds the answers of the core's last batch. */
  take(core: Core, count: number): void {
    this.#makeRoom(count);
    core.takeAnswers(count, this.#answers, this.#count);
    this.#count += count;
  }

  add(answer: number): void {
    this.#makeRoom(1);
    this.#answers[this.#count++] = answer;
  }

  get all(): Int32Array {
    return this.#answers.subarray(0, this.#count);
  }

  #makeRoom(more: number): void {
    const wanted = this.#count + more;
    if (wanted <= this.#answers.length) return;
    const larger = new Int32Array(Math.max(this.#answers.length * 2, this.#expected, wanted));
    larger.set(this.#answers);
    this.#answers = larger;
  }
}
