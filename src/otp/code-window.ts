import type { Hmac } from '../mac/hmac.js';
import type { StepWindow } from './options.js';

/**
 * The value of a step that does not exist, and the value of a code that no step can have. They
 * equal no other value.
 */
const NO_STEP = -1;
const NO_VALUE = -2;
/** A code is a truncated value of 31 bits, RFC 4226 §5.3. Ten digits could express more. */
const MAX_VALUE = 0x7fff_ffff;

/**
 * The number that a code stands for. `undefined` unless the code is exactly `digits` ASCII digits.
 * Two codes of the same length are equal if their numbers are.
 */
export function codeValue(code: unknown, digits: number): number | undefined {
  if (typeof code !== 'string' || code.length !== digits) return undefined;
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = code.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= MAX_VALUE ? value : NO_VALUE;
}

/**
 * All ones if two values of `codeValue` are equal, else zero. With `&` it selects a value without a
 * branch.
 */
export function equalMask(a: number, b: number): number {
  const difference = a ^ b;
  return ~((difference | -difference) >> 31);
}

/** Holds the codes of the steps around a step, until another step is needed. */
export class CodeWindow {
  readonly #hmac: Hmac;
  readonly #digits: number;
  readonly #past: number;
  readonly #size: number;
  /** Codes of consecutive steps, beginning with `#firstStep`. */
  #codes: readonly string[] = [];
  #values: readonly number[] = [];
  #firstStep = Number.NaN;

  /** @param hmac - The caller must dispose of it. */
  constructor(hmac: Hmac, digits: number, { past, future }: StepWindow) {
    this.#hmac = hmac;
    this.#digits = digits;
    this.#past = past;
    this.#size = past + 1 + future;
  }

  /** The code of one step, which must exist. Does not move the window. */
  at(step: number): string {
    return this.#codes[step - this.#firstStep] ?? this.#hmac.code(step, this.#digits);
  }

  /**
   * Looks for a code in the window around `step`. The time does not depend on the digits of any
   * code.
   *
   * @param value - The result of `codeValue`.
   * @returns The drift from `step` of the latest step with this code. `undefined` if no step has
   *   it.
   */
  find(value: number, step: number): number | undefined {
    this.#moveTo(step);
    let found = -1;
    for (let i = 0; i < this.#size; i++) {
      const isEqual = equalMask(value, this.#values[i] as number);
      found = (found & ~isEqual) | (i & isEqual);
    }
    return found < 0 ? undefined : found - this.#past;
  }

  /**
   * Moves the window, and keeps the codes that both windows share. The next step costs one HMAC,
   * and the same step none.
   */
  #moveTo(step: number): void {
    const first = step - this.#past;
    if (first === this.#firstStep) return;
    const steps = Array.from({ length: this.#size }, (_, i) => first + i);
    const exists = (step: number) => Number.isSafeInteger(step) && step >= 0;
    this.#codes = steps.map((step) => (exists(step) ? this.at(step) : ''));
    this.#values = this.#codes.map((code) => codeValue(code, this.#digits) ?? NO_STEP);
    this.#firstStep = first;
  }
}
