import { windowCodes } from './codes.js';

/** The answers of a verification: the library's `VERDICT_CODES`, as numbers. */
export const ACCEPTED = 0;
export const MALFORMED = 1;
export const UNKNOWN_HOST = 2;
export const WRONG_OTP = 3;
export const BAD_SIGNATURE = 4;
export const REPLAYED = 5;

export const PREFIX_CHARS = 40;
const OTP_CHARS = 8;
const TOKEN_CHARS = 85;
const SPACE = 0x20;
const ZERO = 0x30;
const PERIOD_MS = 30_000;

/** A host of a verifier. `Check` is the check of its signatures. */
export class Host<Check> {
  readonly #seed: string;
  readonly isSigned: Check;
  #step = Number.NEGATIVE_INFINITY;
  /** The OTPs of the previous, the present and the next step, as numbers. */
  codes: readonly number[] = [];
  /** The accepted signatures, for the same steps. */
  seen: readonly Set<string>[] = [];

  constructor(seed: string, isSigned: Check) {
    this.#seed = seed;
    this.isSigned = isSigned;
  }

  moveTo(step: number): void {
    if (step === this.#step) return;
    const shift = step - this.#step;
    this.seen = [0, 1, 2].map((i) => this.seen[i + shift] ?? new Set());
    this.codes = windowCodes(this.#seed, step);
    this.#step = step;
  }
}

/**
 * The checks before the signature, as lean as a careful application would write them: form, host
 * and OTP. The codes of the window are made once for each step, and compared without a branch.
 */
export class Checks<Check> {
  readonly #hosts: ReadonlyMap<string, Host<Check>>;
  readonly #clock: () => number;
  /** The host of the last token that `begin` let pass, and its step in the window. */
  host: Host<Check> | undefined;
  index = -1;

  constructor(hosts: ReadonlyMap<string, Host<Check>>, clock: () => number) {
    this.#hosts = hosts;
    this.#clock = clock;
  }

  /**
   * Returns why the token is refused. ACCEPTED if only signature and replay remain to be checked.
   */
  begin(jid: string, token: string): number {
    if (token.length !== TOKEN_CHARS || token.charCodeAt(PREFIX_CHARS) !== SPACE) return MALFORMED;
    let otp = 0;
    for (let i = 0; i < PREFIX_CHARS; i++) {
      const digit = token.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) return MALFORMED;
      if (i < OTP_CHARS) otp = otp * 10 + digit;
    }
    const host = this.#hosts.get(jid.slice(jid.indexOf('@') + 1));
    if (host === undefined) return UNKNOWN_HOST;
    host.moveTo(Math.floor(this.#clock() / PERIOD_MS));
    this.host = host;
    this.index = indexOf(host.codes, otp);
    return this.index < 0 ? WRONG_OTP : ACCEPTED;
  }
}

/** The index of the last code that equals `otp`, or -1. All codes are below 2^31. */
function indexOf(codes: readonly number[], otp: number): number {
  let found = -1;
  for (let i = 0; i < 3; i++) {
    const isEqual = ((codes[i]! ^ otp) - 1) >> 31;
    found = (found & ~isEqual) | (i & isEqual);
  }
  return found;
}

/** Accepts a signature once. */
export function admit(seen: Set<string>, signature: string): number {
  if (seen.has(signature)) return REPLAYED;
  seen.add(signature);
  return ACCEPTED;
}
