import { optionError, tell, VerifierError } from '../../errors.js';
import { createQuorumGuard, type QuorumGuard } from '../quorum.js';
import { nameOf } from './address.js';
import { RedisGuard } from './guard.js';
import { type RedisGuardOptions, type Settings, settingsOf } from './options.js';

/**
 * The options of `createRedisQuorumGuard`: those of each guard, and the addresses of the servers.
 */
export interface RedisQuorumOptions
  extends Omit<RedisGuardOptions, 'url' | 'nodes' | 'sentinel' | 'lifetimeMs'> {
  /** An odd number of servers, three or more, each written like `url` of `createRedisGuard`. */
  readonly urls: readonly string[];
  /** As `rejectStepsBefore` of `createRedisGuard`, but the default is `'creation'`. */
  readonly rejectStepsBefore?: RedisGuardOptions['rejectStepsBefore'];
}

/**
 * The quorum waits longer than its guards by this factor, so that they can report what went wrong.
 */
const PATIENCE = 1.15;

/** @throws {VerifierError} `ERR_OPTION`, with the name of the faulty option. */
export function quorumSettingsOf({ urls, ...options }: RedisQuorumOptions): readonly Settings[] {
  if (!Array.isArray(urls) || urls.length < 3 || urls.length % 2 === 0) {
    throw optionError('urls', 'not an odd number of servers', 'write 3, 5 or more');
  }
  const { rejectStepsBefore = 'creation' } = options;
  const all = urls.map((url) => {
    try {
      return settingsOf({ ...options, rejectStepsBefore, url });
    } catch (error) {
      if (!(error instanceof VerifierError) || error.field !== 'url') throw error;
      throw optionError('urls', error.fault ?? 'not an address', error.fix ?? 'correct it');
    }
  });
  const names = all.map(({ addresses }) => addresses.map(nameOf).join());
  if (new Set(names).size < names.length)
    throw optionError('urls', 'one server is listed twice', 'name servers that fail independently');
  return all;
}

/**
 * Makes a guard from an odd number of independent Redis or Valkey masters. It works as long as a
 * majority of them answers. Servers that cannot be reached at first are reported to `onProblem`,
 * and are tried again later.
 *
 * @throws {VerifierError} `ERR_OPTION` if an option cannot be used. `ERR_STORE_FAILED` if no
 *   majority of the servers can be reached and is fit. No message holds a password.
 *
 * @example
 * const guard = await createRedisQuorumGuard({ urls: ['redis://a', 'redis://b', 'redis://c'] });
 */
export async function createRedisQuorumGuard(options: RedisQuorumOptions): Promise<QuorumGuard> {
  const settings = quorumSettingsOf(options);
  const guards = settings.map((each) => new RedisGuard(each));
  const quorum = createQuorumGuard(guards, {
    timeoutMs: Math.min(60_000, Math.ceil((settings[0]?.timeoutMs ?? 0) * PATIENCE)),
  });
  const reached = await Promise.allSettled(guards.map((guard) => guard.connect()));
  const away = reached.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  if (away.length > guards.length / 2) {
    await quorum.close();
    throw away[0];
  }
  for (const problem of away) tell(options.onProblem, problem);
  return quorum;
}
