/** The guard checks a server again while it runs, and notices what has changed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayMark } from '../../../src/guards/guard.js';
import { connect } from '../../../src/guards/redis/connection.js';
import { RedisGuard } from '../../../src/guards/redis/guard.js';
import type { RedisGuardOptions } from '../../../src/guards/redis/index.js';
import { inspect } from '../../../src/guards/redis/inspect.js';
import { settingsOf } from '../../../src/guards/redis/options.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { PERIOD_MS } from '../../unit/guards/marks.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const RETRY_AFTER_MS = 100;
const guards: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
});

/** A guard with a clock that the test moves. */
async function watching(server: RedisProcess, options: RedisGuardOptions = {}) {
  const problems: string[] = [];
  const state = { elapsedMs: 0, problems };
  const settings = settingsOf({
    url: server.url,
    timeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    retryAfterMs: RETRY_AFTER_MS,
    onProblem: ({ message }) => problems.push(message),
    ...options,
  });
  const guard = new RedisGuard(settings, { elapsedMs: () => state.elapsedMs });
  guards.push(guard);
  await guard.connect();
  return { guard, state };
}

let count = 0;
/** A mark that is valid now, or from a given time on. */
function mark(startsAtMs = Date.now() - 10_000): ReplayMark {
  const expiresAtMs = startsAtMs + 20 * PERIOD_MS;
  const id = `abcdefghij${String(++count).padStart(6, '0')}`;
  return { id, step: 58_900_000, startsAtMs, expiresAtMs, keepUntilMs: expiresAtMs + 60_000 };
}

/** The answer of the guard once it does not fail. */
async function answerOf(
  { guard, state }: Awaited<ReturnType<typeof watching>>,
  mark: ReplayMark,
): Promise<readonly string[]> {
  for (;;) {
    try {
      return await guard.remember([mark]);
    } catch {
      state.elapsedMs += RETRY_AFTER_MS;
    }
  }
}

/** Makes the server evict keys until a mark is gone, and then evict no more. */
async function evict(server: RedisProcess, { id, step }: ReplayMark): Promise<void> {
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  while ((await server.command('EXISTS', `tt:${step}:${id}`)) === 1) {
    // The server may refuse the key when nothing is left to evict.
    await server.command('SET', 'filler', 'x').catch(() => {});
  }
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
}

describe('a server that is changed while it runs', () => {
  it('to evict keys is refused at the next check, and accepted again when it is corrected', async () => {
    const server = await startRedis();
    const { guard, state } = await watching(server);
    expect(await guard.remember([mark()])).toEqual(['fresh']);
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    state.elapsedMs = 4999;
    expect(await guard.remember([mark()])).toEqual(['fresh']);
    state.elapsedMs = 5000;
    await expect(guard.remember([mark()])).rejects.toThrow(/maxmemory-policy is allkeys-lru/);
    expect(state.problems).toEqual([expect.stringContaining('set maxmemory-policy noeviction')]);
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(await answerOf({ guard, state }, mark())).toEqual(['fresh']);
  });

  it('to demand fewer replicas is refused at the next check', async () => {
    const server = await startRedis('--min-replicas-to-write', '2');
    const { guard, state } = await watching(server, { minReplicas: 2 });
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    state.elapsedMs = 5000;
    await expect(guard.remember([mark()])).rejects.toThrow(
      /min-replicas-to-write is 1; set it to 2/,
    );
  });

  it('into a replica is refused at the next check', async () => {
    const [server, master] = [await startRedis(), await startRedis()];
    const { guard, state } = await watching(server);
    await server.command('REPLICAOF', '127.0.0.1', `${master.port}`);
    state.elapsedMs = 5000;
    await expect(guard.remember([mark()])).rejects.toThrow(/is a slave; name the master/);
  });

  it('not to sync its writes causes a warning, and its restart makes earlier tokens stale', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const { guard, state } = await watching(server);
    await server.command('CONFIG', 'SET', 'no-appendfsync-on-rewrite', 'yes');
    state.elapsedMs = 5000;
    const used = mark();
    expect(await guard.remember([used])).toEqual(['fresh']);
    expect(state.problems).toEqual([expect.stringContaining('no longer syncs each write')]);
    await server.kill();
    // After the restart it has its first settings, as if they had never changed.
    await server.restart();
    expect(await answerOf({ guard, state }, mark())).toEqual(['stale']);
  });
});

describe('a server that has evicted marks between two checks', () => {
  const eviction = expect.stringMatching(/has evicted keys.*set maxmemory-policy noeviction/);

  it('makes earlier tokens stale for each running process, and no later ones', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const all = [await watching(server), await watching(server), await watching(server)];
    const used = all.map(() => mark());
    expect(await all[0]?.guard.remember(used)).toEqual(['fresh', 'fresh', 'fresh']);
    for (const each of used) await evict(server, each);
    for (const [i, { guard, state }] of all.entries()) {
      expect(await guard.remember([used[i]!])).toEqual(['stale']);
      expect(state.problems).toEqual([eviction]);
      expect(await guard.remember([mark()])).toEqual(['stale']);
      // Nobody can have used this token before.
      expect(await guard.remember([mark(Date.now() + 60_000)])).toEqual(['fresh']);
    }
  });

  it('makes earlier tokens stale even if its count was reset or the connection was cut', async () => {
    const server = await startRedis();
    const [one, two] = [await watching(server), await watching(server)];
    const [first, second] = [mark(), mark()];
    expect(await one.guard.remember([first, second])).toEqual(['fresh', 'fresh']);
    for (const each of [first, second]) await evict(server, each);
    expect(await one.guard.remember([first])).toEqual(['stale']);
    await server.command('CONFIG', 'RESETSTAT');
    await evict(server, first);
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await two.guard.remember([second])).toEqual(['stale']);
    expect(two.state.problems).toEqual([eviction]);
  });

  it.each([
    ['start', 'stale', [eviction]],
    ['restart', 'fresh', []],
    ['none', 'fresh', []],
  ] as const)(
    'before the start of a guard with rejectStepsBefore "%s" calls a used token %s',
    async (rejectStepsBefore, answer, said) => {
      const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
      const { guard } = await watching(server);
      const used = mark();
      expect(await guard.remember([used])).toEqual(['fresh']);
      await evict(server, used);
      const late = await watching(server, { rejectStepsBefore });
      expect(await late.guard.remember([used])).toEqual([answer]);
      expect(late.state.problems).toEqual(said);
    },
  );
});

describe('a write', () => {
  it.each([
    [{ appendonly: 'yes', appendfsync: 'always' }, true],
    [{ appendonly: 'no', appendfsync: 'always' }, false],
    [{ appendonly: 'yes', appendfsync: 'everysec' }, false],
    [{ appendonly: 'yes', appendfsync: 'no' }, false],
    [{ appendonly: 'yes', appendfsync: 'always', 'no-appendfsync-on-rewrite': 'yes' }, false],
  ])('with the settings %j counts as synced before its answer: %s', async (config, isDurable) => {
    const server = await startRedis(
      ...Object.entries(config).flatMap(([name, value]) => [`--${name}`, value]),
    );
    const settings = settingsOf({ url: server.url, connectTimeoutMs: 20_000 });
    const connection = await connect(settings.addresses[0]!, settings);
    expect(await inspect(connection, 'it', settings)).toMatchObject({ isDurable, evictedKeys: 0 });
    connection.close();
  });
});
