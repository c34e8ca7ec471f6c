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
   * As `ReplayGuard.remember`. Calls that come while another one is written wait and are written
   * together, so one sync of the disk serves many.
   *
   * @throws {VerifierError} `ERR_STORE_FAILED`, with the reason as `cause`: nothing was promised;
   *   `ERR_DISPOSED` after `close`.
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

  /** As `ReplayGuard.state`. `bytes` is the file's size, which grows and does not shrink. */
  async state(): Promise<GuardState> {
    if (this.#isClosed) throw new VerifierError('ERR_DISPOSED', 'this guard was closed');
    const { path, capacity } = this.#settings;
    return { entries: this.#generations.fullest(), capacity, bytes: fileBytes(path) };
  }

  /** Waits for what is under way, and closes the files. */
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

/** A commit that failed has its reason in a promise of its own, which is rejected. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((reason: unknown) => reason);
}

/**
 * Makes a guard in a folder: of all processes of this machine that share it, one accepts a token.
 * What was accepted is on the disk before it is said, so it stays known over a crash and a restart,
 * of the machine too. It takes the package `lmdb`, which is installed beside this one where npm has
 * it for the platform.
 *
 * @throws {VerifierError} `ERR_OPTION` for an option that cannot be used; `ERR_STORE_FAILED` for a
 *   folder that cannot be used, with the reason as `cause`; `ERR_ENGINE_UNAVAILABLE` without
 *   `lmdb`.
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
