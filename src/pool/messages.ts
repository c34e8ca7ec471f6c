import type { VerifierErrorCode } from '../errors.js';
import { isBytes, lengthOf, viewOf } from '../text/utf8.js';
import type { DecodedKeys } from '../token/host-keys.js';
import type { VerifierSettings } from '../token/options.js';

/** What the pool and its workers say to each other. Options travel without their functions. */

/** The region of one thread in the memory that all share, and where the guard is. */
export interface MemoryRegion {
  /** Its number among the threads, by which it marks the locks that it holds. */
  readonly thread: number;
  readonly start: number;
  readonly bytes: number;
  readonly guard: number;
  /** Tokens of steps before this one are stale. */
  readonly firstStep: number;
}

/** What can be handed to a thread of the settings. */
export type ThreadSettings = Omit<VerifierSettings, 'hosts' | 'clock' | 'prepareJid'>;

export interface Start {
  readonly kind: 'start';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly region: MemoryRegion;
  /** As the pool checked them: no object of the caller's is looked at again. */
  readonly settings: ThreadSettings;
  readonly prepareNames: boolean;
}

/** A host by its one spelling, and all its keys; without any it is to go. */
export interface HostEntry {
  readonly domain: string;
  readonly keys: readonly DecodedKeys[];
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
  | { readonly kind: 'keys'; readonly hosts: readonly HostEntry[] };

/** A task and what is handed over with it. */
export interface Handed {
  readonly task: Task;
  readonly transfer: ArrayBuffer[];
}

export type Request = Start | { readonly kind: 'task'; readonly id: number; readonly task: Task };

export type Reply =
  | { readonly kind: 'started' }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly answers: Int32Array;
      /** What came with the task, to be filled again. */
      readonly buffer?: ArrayBuffer | undefined;
    }
  /** It did not start, or failed at a task: what it holds is not to be relied on. */
  | { readonly kind: 'broken'; readonly fault: Fault };

/** An error on its way between threads, which would lose its class. */
export interface Fault {
  readonly code: VerifierErrorCode;
  readonly message: string;
}

/**
 * Jids or tokens as they can be handed to a thread. What is neither text nor bytes, and may be
 * nothing that can be cloned, is `null` there: as malformed as it is. So is what is longer than any
 * that could be good, before it is copied. Bytes are copied, for the whole buffer that they are in
 * would go along.
 *
 * @param most - UTF-16 units or bytes.
 */
export function textsOf(values: readonly unknown[], most: number): (string | Uint8Array | null)[] {
  return values.map((value) => {
    if (typeof value === 'string') return value.length <= most ? value : null;
    if (!isBytes(value)) return null;
    const length = lengthOf.call(value);
    // Without length: perhaps bytes whose buffer was transferred, which cannot be copied.
    return length > 0 && length <= most ? new Uint8Array(viewOf(value)) : null;
  });
}
