/**
 * The input of this folder's programs on stdin, and their output, as JSON. Each program runs in its
 * own process.
 */
export interface Ask {
  readonly hosts: Readonly<
    Record<string, { readonly otpSeed: string; readonly tokenSecret: string }>
  >;
  readonly nowMs: number;
  readonly jids: readonly string[];
  readonly tokens: readonly string[];
  readonly by: 'totp-token' | 'node:crypto';
}

/** `instantiate` */
export interface Start {
  readonly wasmBytes: number;
  readonly compileMs: number;
  readonly instantiateMs: number;
}

/** `first-calls` */
export interface FirstCalls {
  readonly importMs: number;
  readonly firstVerdictMs: number;
  /**
   * The mean over a number of first calls. The very first call is left out, because it makes the
   * OTPs.
   */
  readonly means: readonly { readonly calls: number; readonly ns: number }[];
}

/** `heap` */
export interface Allocations {
  readonly figures: readonly { readonly name: string; readonly bytesACall: number }[];
  /** How many garbage collections happened during a measurement, which is then too low. */
  readonly collections: number;
}

/** The input of the program `heap`. */
export interface HeapAsk extends Omit<Ask, 'by'> {
  readonly wrongOtp: readonly string[];
  readonly forged: readonly string[];
}
