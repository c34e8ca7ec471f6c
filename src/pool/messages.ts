import type { VerifierErrorCode } from '../errors.js';
import type { HostKeys, Hosts, VerifierOptions } from '../token/options.js';

/** What the pool and its workers say to each other. Options travel without their functions. */

/** The place of one worker in the memory that all share. */
export interface Place {
  readonly region: number;
  readonly regionBytes: number;
  readonly guard: number;
  /** Tokens of steps before this one are stale. */
  readonly firstStep: number;
}

export interface Start {
  readonly kind: 'start';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly place: Place;
  readonly options: Pick<
    VerifierOptions,
    'period' | 'digits' | 'algorithm' | 'window' | 'nonceDigits' | 'replay'
  >;
  readonly hosts: Hosts;
  readonly prepareNames: boolean;
}

/** What a worker is asked to do; it answers in order. */
export type Task =
  | { readonly kind: 'lines'; readonly bytes: Uint8Array<ArrayBuffer>; readonly step: number }
  | {
      readonly kind: 'batch';
      readonly jids: readonly (string | Uint8Array | null)[];
      readonly tokens: readonly (string | Uint8Array | null)[];
      readonly step: number;
    }
  | { readonly kind: 'setHost'; readonly domain: string; readonly keys: HostKeys | readonly HostKeys[] }
  | { readonly kind: 'removeHost'; readonly domain: string };

export type Request = Start | { readonly kind: 'task'; readonly id: number; readonly task: Task };

export type Reply =
  | { readonly kind: 'started' }
  | { readonly kind: 'notStarted'; readonly fault: Fault }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly answers: Int32Array;
      /** What came with the task, to be filled again. */
      readonly buffer?: ArrayBuffer | undefined;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault };

/** An error on its way between threads, which would lose its class. */
export interface Fault {
  readonly code: VerifierErrorCode;
  readonly message: string;
  readonly field: string | undefined;
}
