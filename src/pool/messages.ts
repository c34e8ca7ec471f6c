import type { VerifierErrorCode } from '../errors.js';
import { isBytes, lengthOf, viewOf } from '../text/utf8.js';
import type { DecodedKeys } from '../token/host-keys.js';
import type { VerifierSettings } from '../token/options.js';

/** The messages between the pool and its workers. Options are sent without their functions. */

/** The region of one thread in the shared memory, and the address of the guard. */
export interface MemoryRegion {
  /** The number of the thread. The thread marks the locks that it holds with this number. */
  readonly thread: number;
  readonly start: number;
  readonly bytes: number;
  readonly guard: number;
  /** Tokens of steps before this one are stale. */
  readonly firstStep: number;
}

/** The settings that can be sent to a thread. */
export type ThreadSettings = Omit<VerifierSettings, 'hosts' | 'clock' | 'prepareJid'>;

export interface Start {
  readonly kind: 'start';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly region: MemoryRegion;
  /** The checked settings. No object of the caller is read again. */
  readonly settings: ThreadSettings;
  readonly prepareNames: boolean;
}

/** A host by its prepared name, with all its keys. Without keys, the host is removed. */
export interface HostEntry {
  readonly domain: string;
  readonly keys: readonly DecodedKeys[];
}

/** A task for a worker. A worker answers its tasks in order. */
export type Task =
  | { readonly kind: 'lines'; readonly bytes: Uint8Array<ArrayBuffer>; readonly step: number }
  | {
      readonly kind: 'batch';
      readonly jids: readonly (string | Uint8Array | null)[];
      readonly tokens: readonly (string | Uint8Array | null)[];
      readonly step: number;
    }
  | { readonly kind: 'keys'; readonly hosts: readonly HostEntry[] };

/** A task and the buffers that are transferred with it. */
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
      /** The buffer that came with the task, for reuse. */
      readonly buffer?: ArrayBuffer | undefined;
    }
  /** The worker did not start, or a task failed. Its state must not be used any more. */
  | { readonly kind: 'broken'; readonly fault: Fault };

/** The parts of an error. An error that is sent between threads would lose its class. */
export interface Fault {
  readonly code: VerifierErrorCode;
  readonly message: string;
}

/**
 * Converts jids or tokens so that they can be sent to a thread. A value that is neither text nor
 * bytes becomes `null`, which is also malformed, because it might not be cloneable. So does a value
 * that is too long to be valid. Bytes are copied, because their whole buffer would be sent
 * otherwise.
 *
 * @param most - The most UTF-16 units or bytes of a value.
 */
export function textsOf(values: readonly unknown[], most: number): (string | Uint8Array | null)[] {
  return values.map((value) => {
    if (typeof value === 'string') return value.length <= most ? value : null;
    if (!isBytes(value)) return null;
    const length = lengthOf.call(value);
    // Bytes of length 0 may have lost their buffer to a transfer. They cannot be copied.
    return length > 0 && length <= most ? new Uint8Array(viewOf(value)) : null;
  });
}
