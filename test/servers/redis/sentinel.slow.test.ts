/** A guard finds the master by Sentinels, and finds the next one when a replica takes over. */
import { afterAll, expect, it } from 'vitest';
import { createRedisGuard, type RedisGuard } from '../../../src/guards/redis/index.js';
import { markUntil } from '../../unit/guards/marks.js';
import { until } from '../../unit/guards/until.js';
import { startRedis, startReplica, stopServers } from './servers.js';

stopServers();

let guard: RedisGuard | undefined;
afterAll(() => guard?.close());

it('a guard with Sentinels finds the next master, and forgets no mark', async () => {
  const master = await startRedis();
  const replica = await startReplica(master);
  const sentinel = await startRedis('--sentinel');
  await sentinel.command('SENTINEL', 'MONITOR', 'tokens', '127.0.0.1', `${master.port}`, '1');
  await sentinel.command('SENTINEL', 'SET', 'tokens', 'down-after-milliseconds', '500');
  const unknown = createRedisGuard({ sentinel: { name: 'others', nodes: [sentinel.url] } });
  await expect(unknown).rejects.toMatchObject({
    code: 'ERR_STORE_FAILED',
    message: expect.stringContaining('the Sentinels know no master others'),
  });
  const nodes = ['redis://127.0.0.1:1', sentinel.url];
  guard = await createRedisGuard({
    sentinel: { name: 'tokens', nodes },
    timeoutMs: 500,
    retryAfterMs: 50,
  });
  const mark = (id: string) => markUntil(id, 58_900_000, Date.now() + 600_000);
  const first = mark('abcdefghijkl+/Az');
  expect(await guard.remember([first])).toEqual(['fresh']);
  // The Sentinel knows the replica, and the replica has the mark.
  await until(async () => /slaves=1/.test(`${await sentinel.command('INFO', 'sentinel')}`));
  await until(async () => (await replica.command('DBSIZE')) === (await master.command('DBSIZE')));
  await master.kill();
  // The Sentinel cuts the connections of a replica that it makes the master.
  const roleOf = () => replica.command('INFO', 'replication').catch(() => '');
  await until(async () => /role:master/.test(`${await roleOf()}`));
  let count = 0;
  await until(async () => {
    const next = [mark(`abcdefghij${String(++count).padStart(6, '0')}`)];
    return (await guard?.remember(next).catch(() => ['']))?.[0] === 'fresh';
  });
  expect(await guard.remember([first])).toEqual(['replayed']);
  expect(guard.events()).toMatchObject({ failover: 1 });
  // The master may have accepted it, and not passed it on.
  const old = { ...mark('zzzzzzzzzzzzzzzz'), startsAtMs: Date.now() - 60_000 };
  expect(await guard.remember([old])).toEqual(['stale']);
});
