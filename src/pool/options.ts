import { checkFunction, checkInteger, checkKnown } from '../check.js';
import { optionError, type VerifierError } from '../errors.js';
import { type VerifierOptions, type VerifierSettings, verifierSettings } from '../token/options.js';
import { parallelism } from './transport.js';
import { checkWorker, type GivenWorker, type WorkerSource } from './worker-source.js';

/** Options of `createVerifierPool`: those of a verifier, except `prepareJid` and `module`. */
export interface PoolOptions extends Omit<VerifierOptions, 'prepareJid' | 'module'> {
  /** Number of threads, 1 to 64. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
  /**
   * Prepares jids as `prepareJid` of `totp-token/xmpp` does. Default false: a jid counts byte by
   * byte as you give it.
   */
  readonly prepareNames?: boolean | undefined;
  /**
   * Number of keys that the pool has room for. Every key of a host counts. Default: 1,024 more than
   * `hosts` has. A key takes up to 5 KiB of address space in each thread; only the part that is
   * used becomes memory.
   */
  readonly maxKeys?: number | undefined;
  /**
   * Called when a thread has died. The pool replaces it by itself. While threads die before they
   * have answered anything, it waits longer each time, and gives up after ten in a row. An error
   * that the function throws is ignored.
   */
  readonly onThreadError?: ((error: VerifierError) => void) | undefined;
  /**
   * The module that each thread runs, for code that a bundler has moved: the address of
   * `totp-token/pool/worker` built as a file of its own, or a function that makes a new `Worker` of
   * it at each call. Default: the file inside this package. See docs/bundlers.md.
   */
  readonly worker?: GivenWorker | undefined;
}

const POOL_OPTIONS = [
  'threads',
  'prepareNames',
  'maxKeys',
  'onThreadError',
  'worker',
  'hosts',
  'period',
  'digits',
  'algorithm',
  'window',
  'nonceDigits',
  'clock',
  'replay',
];
const MAX_THREADS = 64;
const MORE_KEYS = 1024;
const MAX_MAX_KEYS = 100_000;
/** The pool's own options, checked. @internal */
export interface PoolSettings {
  readonly threads: number;
  readonly maxKeys: number;
  readonly prepareNames: boolean;
  readonly onThreadError: PoolOptions['onThreadError'];
  readonly worker: WorkerSource | undefined;
}

/**
 * Checks the options of a pool. Reads each option once, by its name. A rest pattern would miss
 * inherited options, and use their defaults.
 *
 * @returns The verifier's settings, still without `prepareJid`, and the pool's own.
 * @throws {VerifierError} `ERR_OPTION`, with the path of the option in `field`. @internal
 */
export function poolSettings(options: PoolOptions): [VerifierSettings, PoolSettings] {
  if (typeof options === 'object' && options !== null && 'prepareJid' in options) {
    throw optionError(
      'prepareJid',
      'a function cannot be sent to a thread',
      'write prepareNames: true',
    );
  }
  checkKnown(options, POOL_OPTIONS, 'options');
  const { threads, prepareNames = false, maxKeys, onThreadError, worker } = options;
  const { hosts, period, digits, algorithm, window, nonceDigits, clock, replay } = options;
  if (typeof prepareNames !== 'boolean') {
    throw optionError('prepareNames', 'not true or false', 'write one of them');
  }
  const given = { hosts, period, digits, algorithm, window, nonceDigits, clock, replay };
  const settings = verifierSettings({ ...given, prepareJid: undefined });
  const own = {
    threads: checkInteger(threads, 'threads', Math.min(parallelism(), MAX_THREADS), 1, MAX_THREADS),
    maxKeys: checkMaxKeys(maxKeys, settings),
    prepareNames,
    onThreadError: checkFunction(onThreadError, 'onThreadError'),
    worker: checkWorker(worker),
  };
  return [settings, own];
}

function checkMaxKeys(value: number | undefined, { hosts }: VerifierSettings): number {
  const given = hosts.reduce((sum, [, keys]) => sum + keys.length, 0);
  return checkInteger(value, 'maxKeys', given + MORE_KEYS, Math.max(given, 1), MAX_MAX_KEYS);
}
