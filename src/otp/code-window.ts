import type { Hmac } from '../mac/hmac.js';
import type { Window } from './options.js';

/** Stands for a step that does not exist: no digit of a code equals any of it. */
const VOID_CODE = '-'.repeat(10);

/** Whether a value is `digits` ASCII digits, and nothing else: the only form in which a code is looked for. */
export function isCode(value: unknown, digits: number): value is string {
  if (typeof value !== 'string' || value.length !== digits) return false;
  for (let i = 0; i < digits; i++) {
    const char = value.charCodeAt(i);
    if (char < 0x30 || char > 0x39) return false;
  }
  return true;
}

/** The codes of the steps around one, held until another step is asked for. */
export class CodeWindow {
  readonly #hmac: Hmac;
  readonly #digits: number;
  readonly #past: number;
  readonly #size: number;
  /** Codes of consecutive steps; the first is that of `#firstStep`. */
  #codes: readonly string[] = [];
  #firstStep = Number.NaN;

  /** @param hmac - Stays the caller's to dispose of. */
  constructor(hmac: Hmac, digits: number, { past, future }: Window) {
    this.#hmac = hmac;
    this.#digits = digits;
    this.#past = past;
    this.#size = past + 1 + future;
  }

  /** The code of one step, which must exist. The window stays where it is. */
  at(step: number): string {
    return this.#codes[step - this.#firstStep] ?? this.#hmac.code(step, this.#digits);
  }

  /**
   * Looks for a code in the window around `step`, in a time that does not depend on the digits of any code.
   *
   * @param code - In the form that `isCode` approves.
   * @returns The drift from `step` of the latest step whose code it is; `undefined` when it is of none.
   */
  find(code: string, step: number): number | undefined {
    this.#moveTo(step);
    let found = -1;
    for (let i = 0; i < this.#size; i++) {
      const expected = this.#codes[i]!;
      let difference = 0;
      for (let at = 0; at < this.#digits; at++) difference |= code.charCodeAt(at) ^ expected.charCodeAt(at);
      // All ones if the codes are equal, else zero: the choice is made without a branch.
      const isEqual = (difference - 1) >> 31;
      found = (found & ~isEqual) | (i & isEqual);
    }
    return found < 0 ? undefined : found - this.#past;
  }

  /** Keeps the codes of the steps that both windows hold: one HMAC for the next step, none for the same. */
  #moveTo(step: number): void {
    const first = step - this.#past;
    if (first === this.#firstStep) return;
    this.#codes = Array.from({ length: this.#size }, (_, i) =>
      Number.isSafeInteger(first + i) && first + i >= 0 ? this.at(first + i) : VOID_CODE,
    );
    this.#firstStep = first;
  }
}
