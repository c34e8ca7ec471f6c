import { checkInstant, checkInteger, checkKnown, described } from '../../check.js';
import type { VerifierError } from '../../errors.js';
import { optionError } from '../../errors.js';

/** What `createLmdbGuard` takes. */
export interface LmdbGuardOptions {
  /**
   * A folder on a local disk, made with mode 0700 if it is not there. All processes that name it
   * share one memory.
   */
  readonly path: string;
  /**
   * Most tokens remembered for each time step, 1 to 2^40, default 10,000,000. Beyond, tokens are
   * `guard-unavailable`; none is forgotten. It costs about 65 bytes on the disk for each token in
   * the window.
   */
  readonly capacity?: number | undefined;
  /**
   * `'creation'`: tokens that were good before the store was made are `stale`, as another store may
   * have accepted them: for a store that takes the place of one. Default `'none'`.
   */
  readonly rejectStepsBefore?: 'creation' | 'none' | undefined;
  /**
   * How long a token is good for the verifier with the widest window that shares the store, `(past
   * + 1 + future) * period`, in milliseconds, 1000 to 1814400000. Default: as long as the asking
   * verifier's own window says.
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * Time since 1970-01-01T00:00:00Z, in milliseconds. The same clock for all who share the store;
   * default `Date.now`. While it gives no such number, `remember` rejects with `ERR_STORE_FAILED`.
   */
  readonly clock?: (() => number) | undefined;
  /**
   * Told of what an operator should know: errors of the disk, and why tokens are
   * `guard-unavailable`, each reason at most once in ten seconds. Never with a token; what it throws
   * is dropped.
   */
  readonly onProblem?: ((problem: VerifierError) => void) | undefined;
}

/** The options, checked and filled up. */
export interface Settings {
  readonly path: string;
  readonly capacity: number;
  readonly rejectsOlder: boolean;
  /** 0: each mark says it. */
  readonly lifetimeMs: number;
  readonly clock: () => number;
  readonly onProblem: ((problem: VerifierError) => void) | undefined;
}

const NAMES = ['path', 'capacity', 'rejectStepsBefore', 'lifetimeMs', 'clock', 'onProblem'];
const DAY_MS = 86_400_000;

/** @throws {VerifierError} `ERR_OPTION`, with the name of what is wrong. */
export function settingsOf(options: LmdbGuardOptions): Settings {
  checkKnown(options, NAMES, 'options');
  const { path, rejectStepsBefore = 'none', clock = Date.now, onProblem } = options;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw optionError('path', `got ${described(path)}`, 'write the name of a folder');
  }
  if (rejectStepsBefore !== 'creation' && rejectStepsBefore !== 'none') {
    throw optionError('rejectStepsBefore', 'unknown', "write 'creation' or 'none'");
  }
  for (const [name, value] of Object.entries({ clock, onProblem })) {
    if (value !== undefined && typeof value !== 'function') {
      throw optionError(name, `got ${described(value)}`, 'hand in a function');
    }
  }
  return {
    path,
    capacity: checkInteger(options.capacity, 'capacity', 10_000_000, 1, 2 ** 40),
    rejectsOlder: rejectStepsBefore === 'creation',
    lifetimeMs: checkInteger(options.lifetimeMs, 'lifetimeMs', 0, 1000, 21 * DAY_MS),
    clock: () => instantOf(clock()),
    onProblem,
  };
}

/** Seconds would let a new store take tokens of before, and NaN those that are over. */
function instantOf(timeMs: number): number {
  checkInstant(timeMs, 'clock()');
  if (Number.isFinite(timeMs)) return timeMs;
  throw new RangeError(`clock() must be milliseconds since 1970-01-01T00:00:00Z: got ${timeMs}`);
}
