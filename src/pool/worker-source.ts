import { described } from '../check.js';
import { optionError } from '../errors.js';

/** A `Worker` of `node:worker_threads` or of the web, as far as a pool uses it. */
export interface PoolWorker {
  /** Hands a message over. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends the thread. */
  terminate(): unknown;
}

/** What a pool's threads run: an address, or a function that makes a worker at each call. */
export type GivenWorker =
  | string
  | {
      /** The address of a `URL`. */
      readonly href: string;
    }
  | (() => PoolWorker);

/** The same, checked: the module's address, or a function that makes a worker. @internal */
export type WorkerSource = string | URL | (() => PoolWorker);

const IS_URL = /^(?:file|https?|blob|data):/i;

/**
 * An address that a runtime takes as a path, or relative to a page, stays text.
 *
 * @throws {VerifierError} `ERR_OPTION`. @internal
 */
export function checkWorker(value: GivenWorker | undefined): WorkerSource | undefined {
  if (value === undefined || typeof value === 'function') return value;
  const address = typeof value === 'object' ? value?.href : value;
  try {
    if (typeof address === 'string' && address !== '') {
      return typeof value === 'object' || IS_URL.test(address) ? new URL(address) : address;
    }
  } catch {}
  throw optionError(
    'worker',
    `not an address but ${described(value)}`,
    'hand in a URL, its text, or a function that returns a new Worker',
  );
}
