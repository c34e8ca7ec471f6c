import { described } from '../check.js';
import { optionError } from '../errors.js';

/** The part of a `Worker`, of `node:worker_threads` or of the web, that a pool uses. */
export interface PoolWorker {
  /** Sends a message. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends the thread. */
  terminate(): unknown;
}

/** The module of a pool's threads: its address, or a function that makes a worker at each call. */
export type GivenWorker =
  | string
  | {
      /** The address of a `URL`. */
      readonly href: string;
    }
  | (() => PoolWorker);

/** A checked `GivenWorker`. @internal */
export type WorkerSource = string | URL | (() => PoolWorker);

const IS_URL = /^(?:file|https?|blob|data):/i;

/**
 * Checks the option `worker`. An address without a scheme stays text, because a runtime takes it as
 * a path or relative to a page.
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
