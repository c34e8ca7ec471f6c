import { checkInstant, checkInteger, checkKnown, described } from '../../check.js';
import type { VerifierError } from '../../errors.js';
import { optionError } from '../../errors.js';

/** The options of `createLmdbGuard`. */
export interface LmdbGuardOptions {
  /**
   * A folder on a local disk. It is created with mode 0700 if it does not exist. All processes that
   * name it share one memory.
   */
  readonly path: string;
  /**
   * The most tokens remembered for each time step, 1 to 2^40, default 10,000,000. Further tokens
   * are `guard-unavailable`. No token is forgotten. Each token in the window takes about 65 bytes
   * on the disk.
   */
  readonly capacity?: number | undefined;
  /**
   * `'creation'`: tokens that were valid before the store was created are `stale`, because another
   * store may have accepted them. Use it for a store that replaces another. Default `'none'`.
   */
  readonly rejectStepsBefore?: 'creation' | 'none' | undefined;
  /**
   * How long a token is valid for the verifier with the widest window that shares the store, `(past
   * + 1 + future) * period`, in milliseconds, 1000 to 1814400000. Default: the lifetime in the
   * asking verifier's window.
   */
  readonly lifetimeMs?: number | undefined;
  /**
   * Returns the time in milliseconds since 1970-01-01T00:00:00Z. All processes that share the store
   * must use the same clock. Default `Date.now`. While it returns anything else, `remember` rejects
   * with `ERR_STORE_FAILED`.
   */
  readonly clock?: (() => number) | undefined;
  /**
   * Called with problems that an operator should know about: errors of the disk, and reasons why
   * tokens are `guard-unavailable`. Each reason is reported at most once in ten seconds. A problem
   * never holds a token. Errors that this function throws are ignored.
   */
  readonly onProblem?: ((problem: VerifierError) => void) | undefined;
}

/** The checked options with their defaults. */
export interface Settings {
  readonly path: string;
  readonly capacity: number;
  readonly rejectsOlder: boolean;
  /** 0: the times of each mark say it. */
  readonly lifetimeMs: number;
  readonly clock: () => number;
  readonly onProblem: ((problem: VerifierError) => void) | undefined;
}

const NAMES = ['path', 'capacity', 'rejectStepsBefore', 'lifetimeMs', 'clock', 'onProblem'];
const DAY_MS = 86_400_000;

/** @throws {VerifierError} `ERR_OPTION`, with the name of the faulty option. */
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

/**
 * Refuses seconds and NaN. With seconds, a new store would accept earlier tokens. With NaN, it
 * would accept expired ones.
 */
function instantOf(timeMs: number): number {
  checkInstant(timeMs, 'clock()');
  if (Number.isFinite(timeMs)) return timeMs;
  throw new RangeError(`clock() must be milliseconds since 1970-01-01T00:00:00Z: got ${timeMs}`);
}
