/** Remembers which steps were used, in a store of the caller's: one guard a secret. */
export interface OtpGuard {
  /**
   * Asked once for each code that is right, never for one that is wrong.
   *
   * @returns `true`: the step was not used before, and from now on counts as used. `false`: it was. Looking and
   *   remembering must be one operation, or two logins at once both get `true`.
   */
  use(step: number): boolean;
}

/** What became of a code. */
export type TotpVerdict =
  | {
      /** The code is right. */
      readonly ok: true;
      /** The same in a word. */
      readonly code: 'accepted';
      /** The step whose code it is. Store it: it is the `lastUsedStep` of the next verification. */
      readonly step: number;
      /** Steps from the present one: negative if the prover's clock is behind or the code was on its way. */
      readonly drift: number;
    }
  | {
      /** The code is not accepted. */
      readonly ok: false;
      /**
       * `malformed`: not exactly `digits` ASCII digits. `wrong-otp`: of no step in the window. `replayed`: of a step
       * in the window, but not after `lastUsedStep`, or the guard has seen it.
       */
      readonly code: 'malformed' | 'wrong-otp' | 'replayed';
    };
