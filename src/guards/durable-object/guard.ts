import { checkInteger, checkKnown } from '../../check.js';
import { optionError, VerifierError } from '../../errors.js';
import {
  BASE64,
  type GuardAnswer,
  isGuardAnswer,
  type ReplayGuard,
  type ReplayMark,
} from '../guard.js';

/** A worker's binding to the class `ReplayShard`, such as `env.REPLAY`. */
export interface ReplayNamespace {
  /** Cloudflare's `idFromName`. */
  idFromName(name: string): unknown;
  /** Cloudflare's `get`. Returns a stub with the `remember` of `ReplayShard`. */
  // biome-ignore lint/suspicious/noExplicitAny: an id is Cloudflare's own, and only handed back.
  get(id: any): ReplayStub;
}

/** A stub of one object. */
export interface ReplayStub {
  /** As `ReplayShard.remember`. */
  remember(marks: readonly ReplayMark[], attempt: number): Promise<GuardAnswer[]>;
}

/** Options of `durableObjectGuard`. */
export interface DurableObjectGuardOptions {
  /**
   * How many objects share the marks, 1 to 4096, default 16. One object answers about a thousand
   * calls a second. All workers must set the same number. With another number, a mark would be
   * looked up in another object.
   */
  readonly shards?: number | undefined;
  /** Prefix of the objects' names, so that tenants can share a binding. Default `replay`. */
  readonly prefix?: string | undefined;
}

const MAX_SHARDS = 4096;

/**
 * Makes a guard on Durable Objects. Of all copies of a worker, in all places, only one accepts a
 * token. The MAC decides which object keeps a mark. Each call asks an object at most once. If an
 * object fails, only its own tokens are `guard-unavailable`.
 *
 * @throws {VerifierError} `ERR_OPTION`.
 *
 * @example
 * export { ReplayShard } from 'totp-token/durable-object';
 * const guard = durableObjectGuard(env.REPLAY);
 * const verifier = await createGuardedVerifier({ hosts, guard });
 */
export function durableObjectGuard(
  namespace: ReplayNamespace,
  options: DurableObjectGuardOptions = {},
): ReplayGuard {
  if (typeof namespace?.idFromName !== 'function') {
    throw optionError(
      'namespace',
      'not a binding of Durable Objects',
      'hand in env.NAME, as it is bound',
    );
  }
  checkKnown(options, ['shards', 'prefix'], 'options');
  const { prefix = 'replay' } = options;
  if (typeof prefix !== 'string') throw optionError('prefix', 'not a text', 'write a short one');
  const shards = checkInteger(options.shards, 'shards', 16, 1, MAX_SHARDS);

  /**
   * Asks one object, and once more if that fails. An object repeats a lost answer to the same
   * attempt.
   */
  async function ask(
    shard: number,
    marks: readonly ReplayMark[],
    attempt: number,
  ): Promise<GuardAnswer[]> {
    const once = () =>
      namespace.get(namespace.idFromName(`${prefix}-${shard}`)).remember(marks, attempt);
    try {
      return await once();
    } catch {
      return once();
    }
  }

  return {
    async remember(marks) {
      const byShard = new Map<number, number[]>();
      for (const [i, { id }] of marks.entries()) {
        const shard = shardOf(id, shards);
        const others = byShard.get(shard);
        if (others === undefined) byShard.set(shard, [i]);
        else others.push(i);
      }
      const attempt = newAttempt();
      const answers: GuardAnswer[] = Array(marks.length).fill('unavailable');
      const asked = [...byShard].map(async ([shard, places]) => {
        // Copies the marks. They belong to the caller, and may be sent twice.
        const some = places.map((i) => ({ ...(marks[i] as ReplayMark) }));
        const said: unknown = await ask(shard, some, attempt);
        if (!Array.isArray(said) || said.length !== some.length) {
          throw new Error(`an object gave no answer to each of ${some.length} marks`);
        }
        for (const [at, i] of places.entries()) {
          const answer: unknown = said[at];
          if (isGuardAnswer(answer)) answers[i] = answer;
        }
      });
      const failed = (await Promise.allSettled(asked)).filter(
        (result) => result.status === 'rejected',
      );
      const [first] = failed;
      if (first === undefined || failed.length < byShard.size) return answers;
      const cause: unknown = first.reason;
      throw new VerifierError('ERR_STORE_FAILED', 'durable object: no shard answered', { cause });
    },
  };
}

/** Uses the first 12 bits of the MAC, which are uniformly distributed. */
function shardOf(id: string, shards: number): number {
  return (BASE64.indexOf(id.charAt(0)) * 64 + BASE64.indexOf(id.charAt(1))) % shards;
}

/** 53 random bits, which both SQLite and JavaScript can hold exactly. */
function newAttempt(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low;
}
