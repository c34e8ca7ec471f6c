/**
 * What the programs of this folder are handed on stdin, and print, as JSON. Each is a process of
 * its own.
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
  /** Mean over the first so many calls, the very first one left out, as it makes the OTPs. */
  readonly means: readonly { readonly calls: number; readonly ns: number }[];
}

/** `heap` */
export interface Allocations {
  readonly figures: readonly { readonly name: string; readonly bytesACall: number }[];
  /** Collections that fell into a measurement, which then counts too little. */
  readonly collections: number;
}

/** What the program that watches the heap is given. */
export interface HeapAsk extends Omit<Ask, 'by'> {
  readonly wrongOtp: readonly string[];
  readonly forged: readonly string[];
}
