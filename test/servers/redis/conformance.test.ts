/**
 * The conformance suite for guards on a real server: alone, with WAIT for a replica, and with two
 * tenants.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { guardConformance } from '../../../src/guards/conformance.js';
import { createRedisGuard } from '../../../src/guards/redis/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { markUntil } from '../../unit/guards/marks.js';
import { PATIENT } from './patience.js';
import { startRedis, startReplica, stopServers } from './servers.js';

stopServers();

let master: RedisProcess;
beforeAll(async () => {
  master = await startRedis();
  await startReplica(master);
});

describe('a guard on one server', () => {
  for (const { name, run } of guardConformance(() =>
    createRedisGuard({ ...PATIENT, url: master.url }),
  ))
    it(name, run);

  it('keeps a key for each mark until no allowed window reaches the step of the mark', async () => {
    const guard = await createRedisGuard({
      ...PATIENT,
      url: master.url,
      prefix: 'shop:',
      marginMs: 5000,
    });
    const mark = markUntil('abcdefghijkl+/Az', 58_900_000, Date.now() + 600_000);
    await guard.remember([mark]);
    await guard.close();
    expect(await master.command('KEYS', 'shop:5*')).toEqual(['shop:58900000:abcdefghijkl+/Az']);
    const end = await master.command('PEXPIRETIME', 'shop:58900000:abcdefghijkl+/Az');
    expect(end).toBe(mark.keepUntilMs + 5000);
  });

  it('accepts a mark once for each tenant', async () => {
    const one = await createRedisGuard({ ...PATIENT, url: master.url, prefix: 'one:' });
    const two = await createRedisGuard({ ...PATIENT, url: master.url, prefix: 'two:' });
    const marks = [markUntil('abcdefghijkl+/Az', 58_900_000, Date.now() + 600_000)];
    expect(await one.remember(marks)).toEqual(['fresh']);
    expect(await two.remember(marks)).toEqual(['fresh']);
    expect(await two.remember(marks)).toEqual(['replayed']);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('a guard on a server with a replica that it waits for', () => {
  const open = () =>
    createRedisGuard({ ...PATIENT, url: master.url, prefix: 'wait:', wait: { replicas: 1 } });
  for (const { name, run } of guardConformance(open)) it(name, run);
});
