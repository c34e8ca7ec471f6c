/** A server that is changed while it runs: the guard looks again, and trusts nothing of before. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayMark } from '../../../src/guards/guard.js';
import { connect } from '../../../src/guards/redis/connection.js';
import { RedisGuard } from '../../../src/guards/redis/guard.js';
import type { RedisGuardOptions } from '../../../src/guards/redis/index.js';
import { inspect } from '../../../src/guards/redis/inspect.js';
import { settingsOf } from '../../../src/guards/redis/options.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { PERIOD_MS } from '../../unit/guards/marks.js';
import { startRedis } from './servers.js';

const guards: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
});

/** A guard on a clock that a case moves. */
async function watching(server: RedisProcess, options: RedisGuardOptions = {}) {
  const problems: string[] = [];
  const state = { elapsedMs: 0, problems };
  const settings = settingsOf({
    url: server.url,
    timeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    retryAfterMs: 100,
    onProblem: ({ message }) => problems.push(message),
    ...options,
  });
  const guard = new RedisGuard(settings, () => state.elapsedMs);
  guards.push(guard);
  await guard.connect();
  return { guard, state };
}

let count = 0;
/** A mark that is good now, or only from some moment on. */
function mark(startsAtMs = Date.now() - 10_000): ReplayMark {
  const expiresAtMs = startsAtMs + 20 * PERIOD_MS;
  const id = `abcdefghij${String(++count).padStart(6, '0')}`;
  return { id, step: 58_900_000, startsAtMs, expiresAtMs, keepUntilMs: expiresAtMs + 60_000 };
}

/** What it says once it answers. */
async function answerOf(guard: RedisGuard, mark: ReplayMark): Promise<readonly string[]> {
  for (;;) {
    try {
      return await guard.remember([mark]);
    } catch {}
  }
}

/** Makes the server forget a mark by evicting keys, and evict no more then. */
async function evict(server: RedisProcess, { id, step }: ReplayMark): Promise<void> {
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  await server.command('CONFIG', 'SET', 'maxmemory', '1');
  while ((await server.command('EXISTS', `tt:${step}:${id}`)) === 1) {
    // It may refuse it, once there is nothing left to evict.
    await server.command('SET', 'filler', 'x').catch(() => {});
  }
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
  await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
}

describe('a server that is changed while it runs', () => {
  it('so that it evicts is refused at the next look, and accepted again when corrected', async () => {
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
    expect(await answerOf(guard, mark())).toEqual(['fresh']);
  });

  it('so that it demands fewer replicas is refused at the next look', async () => {
    const server = await startRedis('--min-replicas-to-write', '2');
    const { guard, state } = await watching(server, { minReplicas: 2 });
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    state.elapsedMs = 5000;
    await expect(guard.remember([mark()])).rejects.toThrow(
      /min-replicas-to-write is 1; set it to 2/,
    );
  });

  it('into a replica is refused at the next look', async () => {
    const [server, master] = [await startRedis(), await startRedis()];
    const { guard, state } = await watching(server);
    await server.command('REPLICAOF', '127.0.0.1', `${master.port}`);
    state.elapsedMs = 5000;
    await expect(guard.remember([mark()])).rejects.toThrow(/is a slave; name the master/);
  });

  it('so that it no longer syncs gives a warning, and its restart makes earlier tokens stale', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const { guard, state } = await watching(server);
    await server.command('CONFIG', 'SET', 'no-appendfsync-on-rewrite', 'yes');
    state.elapsedMs = 5000;
    const used = mark();
    expect(await guard.remember([used])).toEqual(['fresh']);
    expect(state.problems).toEqual([expect.stringContaining('does not sync each write any more')]);
    await server.kill();
    // It comes back as it was first, and looks as if it had been so all the time.
    await server.restart();
    expect(await answerOf(guard, mark())).toEqual(['stale']);
  });
});

describe('a server that has evicted marks between two looks', () => {
  const eviction = expect.stringMatching(/has evicted keys.*set maxmemory-policy noeviction/);

  it('makes earlier tokens stale for each process that was there, and no other tokens', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const all = [await watching(server), await watching(server), await watching(server)];
    const used = all.map(() => mark());
    expect(await all[0]?.guard.remember(used)).toEqual(['fresh', 'fresh', 'fresh']);
    for (const each of used) await evict(server, each);
    for (const [i, { guard, state }] of all.entries()) {
      expect(await guard.remember([used[i]!])).toEqual(['stale']);
      expect(state.problems).toEqual([eviction]);
      expect(await guard.remember([mark()])).toEqual(['stale']);
      // Nobody can have used it before.
      expect(await guard.remember([mark(Date.now() + 60_000)])).toEqual(['fresh']);
    }
  });

  it('makes them stale when the count was reset, or the connection was cut, in between', async () => {
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
    'before the guard was made, with %s %s, makes earlier tokens stale, as the time is unknown',
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

describe('a write to the disk before its answer', () => {
  it.each([
    [{ appendonly: 'yes', appendfsync: 'always' }, true],
    [{ appendonly: 'no', appendfsync: 'always' }, false],
    [{ appendonly: 'yes', appendfsync: 'everysec' }, false],
    [{ appendonly: 'yes', appendfsync: 'no' }, false],
    [{ appendonly: 'yes', appendfsync: 'always', 'no-appendfsync-on-rewrite': 'yes' }, false],
  ])('for %j is: %s', async (config, isDurable) => {
    const server = await startRedis(
      ...Object.entries(config).flatMap(([name, value]) => [`--${name}`, value]),
    );
    const settings = settingsOf({ url: server.url, connectTimeoutMs: 20_000 });
    const connection = await connect(settings.addresses[0]!, settings);
    expect(await inspect(connection, 'it', settings)).toMatchObject({ isDurable, evictedKeys: 0 });
    connection.close();
  });
});
