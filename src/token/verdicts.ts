import {
  codeOf,
  keyIndexOf,
  REJECTIONS,
  stepIndexOf,
  VERDICT_CODES,
  type Verdict,
  type VerdictCode,
} from './verdict.js';

/** The verdicts of a batch, in the order of its tokens: numbers, with accessors that make objects on demand. */
export class Verdicts implements Iterable<Verdict> {
  readonly #answers: Int32Array;
  readonly #firstStep: number;
  readonly #past: number;
  #codes: Uint8Array | undefined;
  #accepted: number | undefined;

  /** @internal */
  constructor(answers: Int32Array, firstStep: number, past: number) {
    this.#answers = answers;
    this.#firstStep = firstStep;
    this.#past = past;
  }

  /** One byte a token: an index into `VERDICT_CODES`, 0 for accepted. */
  get codes(): Uint8Array {
    this.#codes ??= codesOf(this.#answers);
    return this.#codes;
  }

  /** How many were accepted. */
  get accepted(): number {
    this.#accepted ??= countAccepted(this.#answers);
    return this.#accepted;
  }

  /** How many tokens there were. */
  get length(): number {
    return this.#answers.length;
  }

  /** Verdict of token `index`. @throws {RangeError} No such token. */
  at(index: number): Verdict {
    const code = codeOf(this.#answer(index));
    if (code !== 0) return REJECTIONS[code] as Verdict;
    return {
      ok: true,
      code: 'accepted',
      step: this.step(index),
      drift: this.drift(index),
      keyIndex: this.keyIndex(index),
    };
  }

  /** The code of one verdict. */
  code(index: number): VerdictCode {
    return VERDICT_CODES[codeOf(this.#answer(index))] as VerdictCode;
  }

  /** The time step of an accepted token's OTP; of another it means nothing. */
  step(index: number): number {
    return this.#firstStep + stepIndexOf(this.#answer(index));
  }

  /** Steps from the verifier's clock of an accepted token, negative: past. */
  drift(index: number): number {
    return stepIndexOf(this.#answer(index)) - this.#past;
  }

  /** Which of its host's keys an accepted token is from. */
  keyIndex(index: number): number {
    return keyIndexOf(this.#answer(index));
  }

  /** All verdicts, in order. */
  *[Symbol.iterator](): Iterator<Verdict> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #answer(index: number): number {
    const answer = this.#answers[index];
    if (answer === undefined) throw new RangeError(`no token ${index} in a batch of ${this.length}`);
    return answer;
  }
}

function codesOf(answers: Int32Array): Uint8Array {
  const codes = new Uint8Array(answers.length);
  for (let i = 0; i < answers.length; i++) codes[i] = codeOf(answers[i] as number);
  return codes;
}

function countAccepted(answers: Int32Array): number {
  let accepted = 0;
  for (let i = 0; i < answers.length; i++) if (codeOf(answers[i] as number) === 0) accepted++;
  return accepted;
}
