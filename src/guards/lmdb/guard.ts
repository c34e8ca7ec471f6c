import { base64 } from '@scure/base';
import { tell, VerifierError } from '../../errors.js';
import type { GuardAnswer, GuardState, ReplayGuard, ReplayMark } from '../guard.js';
import { Problems } from '../problems.js';
import { type Environment, fileBytes, openEnvironment, storeError } from './files.js';
import { DATABASES, Generations } from './generations.js';
import { type LmdbGuardOptions, type Settings, settingsOf } from './options.js';

/** A guard in a folder of this machine. Made by `createLmdbGuard`. */
export class LmdbGuard implements ReplayGuard {
  readonly #settings: Settings;
  readonly #environment: Environment;
  readonly #generations: Generations;
  #isClosed = false;

  /** @internal */
  constructor(environment: Environment, settings: Settings) {
    this.#settings = settings;
    this.#environment = environment;
    const problems = new Problems(`lmdb ${settings.path}`, settings.onProblem);
    this.#generations = new Generations(environment, settings, problems);
  }

  /**
   * Implements `ReplayGuard.remember`. Calls that arrive during a write wait, and are then written
   * together. So one sync of the disk serves many calls.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED`, with the reason as `cause`: no mark was answered
   *   `fresh`. `ERR_DISPOSED` after `close`.
   */
  async remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this guard was closed');
    try {
      const keyed = marks.map((mark) => ({ ...mark, key: base64.decode(mark.id) }));
      return await this.#environment.transaction(() => this.#generations.remember(keyed));
    } catch (error) {
      throw this.#told(storeError(this.#settings.path, await causeOf(error)));
    }
  }

  /**
   * Implements `ReplayGuard.state`. `bytes` is the size of the file, which grows and never shrinks.
   */
  async state(): Promise<GuardState> {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this guard was closed');
    const { path, capacity } = this.#settings;
    return { entries: this.#generations.fullest(), capacity, bytes: fileBytes(path) };
  }

  /** Waits for the calls under way, and closes the files. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#environment.close();
  }

  #told(problem: VerifierError): VerifierError {
    tell(this.#settings.onProblem, problem);
    return problem;
  }
}

/** The reason of a failed commit is in another promise, which is rejected. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((reason: unknown) => reason);
}

/**
 * Makes a guard in a folder. Of all processes of this machine that share the folder, only one
 * accepts a token. An accepted token is on the disk before it is answered, so it stays known after
 * a crash or a restart of the process or the machine. The guard needs the package `lmdb`, which npm
 * installs beside this one if the platform is supported.
 *
 * @throws {VerifierError} `ERR_OPTION` if an option cannot be used. `ERR_STORE_FAILED` if the
 *   folder cannot be used, with the reason as `cause`. `ERR_ENGINE_UNAVAILABLE` if `lmdb` is
 *   missing.
 *
 * @example
 * const guard = await createLmdbGuard({ path: '/var/lib/totp-token' });
 * const verifier = await createGuardedVerifier({ hosts, guard });
 */
export async function createLmdbGuard(options: LmdbGuardOptions): Promise<LmdbGuard> {
  const settings = settingsOf(options);
  const environment = await openEnvironment(settings.path, DATABASES);
  try {
    return new LmdbGuard(environment, settings);
  } catch (error) {
    await environment.close();
    throw storeError(settings.path, error);
  }
}
