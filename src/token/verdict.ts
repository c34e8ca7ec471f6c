import { Shown, shown } from '../text/shown.js';

/** The reasons for a rejection, in the order of the checks. */
export type RejectCode =
  /**
   * The text does not have the form of a token, or the jid is not a bare JID: a wrong length, a
   * wrong character, or base64 that is not canonical.
   */
  | 'malformed'
  /** There are no keys for the domain of the jid. */
  | 'unknown-host'
  /**
   * The OTP belongs to no step of the window, under any key of that host: the token is expired, too
   * early, or from another seed.
   */
  | 'wrong-otp'
  /** The signature is not the HMAC of this OTP, nonce and jid. */
  | 'bad-signature'
  /** The token was accepted before. */
  | 'replayed'
  /** The token's step is older than the guard's memory, so it cannot be proved unused. */
  | 'stale'
  /** The guard is full or did not answer in time, so nothing is accepted. */
  | 'guard-unavailable';

/** The code of a verdict: see `VERDICT_CODES`. */
export type VerdictCode = 'accepted' | RejectCode;

/** The answer for one token. The object is shared and frozen: compare its fields. */
export type Verdict = Accepted | Rejected;

/** The token is good. It is used up now. */
export interface Accepted {
  /** The token is accepted. */
  readonly ok: true;
  /** The verdict as a word. */
  readonly code: 'accepted';
  /** The time step of the token's OTP: T in RFC 6238 §4.2. */
  readonly step: number;
  /** Steps from the verifier's clock; negative means past. RFC 6238 §6. */
  readonly drift: number;
  /** The key that signed the token, as an index into the host's list of keys. */
  readonly keyIndex: number;
}

/** The token is not accepted. */
export interface Rejected {
  /** The token is not accepted. */
  readonly ok: false;
  /** The reason, for your log. */
  readonly code: RejectCode;
}

/** The codes by their numbers in `Verdicts.codes`: 0 is `accepted`. */
export const VERDICT_CODES = [
  'accepted',
  'malformed',
  'unknown-host',
  'wrong-otp',
  'bad-signature',
  'replayed',
  'stale',
  'guard-unavailable',
] as const satisfies readonly VerdictCode[];

/**
 * Whether a token was rejected because the guard cannot say that it is unused: `stale` and
 * `guard-unavailable`. Its signature and its time are right, and the service is at fault. So, if
 * its protocol allows it, the client is told to try again instead of having its credentials
 * refused.
 */
export function isOutage(code: VerdictCode): boolean {
  return code === 'stale' || code === 'guard-unavailable';
}

/** One frozen rejection for each code number. Index 0 is not used. */
export const REJECTIONS: readonly Rejected[] = VERDICT_CODES.map((code) =>
  Object.freeze({ ok: false, code: code as RejectCode }),
);

// The core's answer:  verdict in bits 0-7 | key index in bits 8-15 | index of the step in the
// window above.

/** Not a verdict: the jid must be prepared first. */
export const ASK_PREPARED = 8;

export const MALFORMED = VERDICT_CODES.indexOf('malformed');

export function codeOf(answer: number): number {
  return answer & 0xff;
}

export function keyIndexOf(answer: number): number {
  return (answer >> 8) & 0xff;
}

export function stepIndexOf(answer: number): number {
  return answer >> 16;
}

/**
 * The verdicts of a batch, in the order of its tokens. They are stored as numbers, and accessors
 * make objects on demand. `codes`, `code`, `step`, `drift` and `keyIndex` count tokens from 0.
 */
export class Verdicts extends Shown implements Iterable<Verdict> {
  readonly #answers: Int32Array;
  readonly #firstStep: number;
  readonly #past: number;
  #codes: Uint8Array | undefined;
  #accepted: number | undefined;

  /** @internal */
  constructor(answers: Int32Array, firstStep: number, past: number) {
    super();
    this.#answers = answers;
    this.#firstStep = firstStep;
    this.#past = past;
  }

  /** One byte for each token: an index into `VERDICT_CODES`, 0 for accepted. */
  get codes(): Uint8Array {
    this.#codes ??= codesOf(this.#answers);
    return this.#codes;
  }

  /** How many tokens were accepted. */
  get accepted(): number {
    this.#accepted ??= countOf(this.#answers, 0);
    return this.#accepted;
  }

  /** How many tokens there were. */
  get length(): number {
    return this.#answers.length;
  }

  /**
   * One verdict, with the index of `Array.prototype.at`: a negative index counts from the end.
   * `undefined` if there is no such token.
   */
  at(index: number): Verdict | undefined {
    const whole = Math.trunc(index) || 0;
    const answer = this.#answers[whole < 0 ? whole + this.length : whole];
    return answer === undefined ? undefined : verdictOf(answer, this.#firstStep, this.#past);
  }

  /**
   * The code of token `index`.
   *
   * @throws {RangeError} There is no such token.
   */
  code(index: number): VerdictCode {
    return VERDICT_CODES[codeOf(this.#answer(index))] as VerdictCode;
  }

  /**
   * The time step of an accepted token's OTP. It has no meaning for a rejected token.
   *
   * @throws {RangeError} There is no such token.
   */
  step(index: number): number {
    return this.#firstStep + stepIndexOf(this.#answer(index));
  }

  /**
   * The drift of an accepted token in steps from the verifier's clock. Negative means past.
   *
   * @throws {RangeError} There is no such token.
   */
  drift(index: number): number {
    return stepIndexOf(this.#answer(index)) - this.#past;
  }

  /**
   * The key that signed an accepted token, as an index into the host's list of keys.
   *
   * @throws {RangeError} There is no such token.
   */
  keyIndex(index: number): number {
    return keyIndexOf(this.#answer(index));
  }

  /** All verdicts, in order. */
  *[Symbol.iterator](): Iterator<Verdict> {
    for (const answer of this.#answers) yield verdictOf(answer, this.#firstStep, this.#past);
  }

  /** All verdicts in order, as an array. `JSON.stringify` writes this array. */
  toJSON(): Verdict[] {
    return [...this];
  }

  /**
   * How many tokens there were, and how many got each code, such as `Verdicts(3) { accepted: 2,
   * replayed: 1 }`. Node, Deno and Bun print this too.
   */
  override toString(): string {
    const counts = VERDICT_CODES.map((name, code) => [name, countOf(this.#answers, code)] as const);
    const facts = Object.fromEntries(counts.filter(([, count]) => count > 0));
    return shown(`Verdicts(${this.length})`, facts);
  }

  #answer(index: number): number {
    const answer = this.#answers[index];
    if (answer === undefined)
      throw new RangeError(`no token ${index} in a batch of ${this.length}`);
    return answer;
  }
}

/**
 * Makes the verdict of an answer.
 *
 * @param firstStep - The first step of the window.
 * @param past - How many steps of the window lie before the clock's step.
 */
export function verdictOf(answer: number, firstStep: number, past: number): Verdict {
  if (codeOf(answer) !== 0) return REJECTIONS[codeOf(answer)] as Verdict;
  return {
    ok: true,
    code: 'accepted',
    step: firstStep + stepIndexOf(answer),
    drift: stepIndexOf(answer) - past,
    keyIndex: keyIndexOf(answer),
  };
}

function codesOf(answers: Int32Array): Uint8Array {
  const codes = new Uint8Array(answers.length);
  for (let i = 0; i < answers.length; i++) codes[i] = codeOf(answers[i] as number);
  return codes;
}

function countOf(answers: Int32Array, code: number): number {
  let count = 0;
  for (let i = 0; i < answers.length; i++) if (codeOf(answers[i] as number) === code) count++;
  return count;
}
