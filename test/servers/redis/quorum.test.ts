/** A quorum of three real servers, of which one fails while tokens are shown. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QuorumGuard } from '../../../src/guards/quorum.js';
import {
  createRedisQuorumGuard,
  type RedisQuorumOptions,
} from '../../../src/guards/redis/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { PATIENT } from './patience.js';
import { FAULTS, load, newMark } from './quorum-load.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

let servers: RedisProcess[];
beforeEach(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
});
const guards: QuorumGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
});
async function open(options: Partial<RedisQuorumOptions> = {}): Promise<QuorumGuard> {
  const urls = servers.map(({ url }) => url);
  const guard = await createRedisQuorumGuard({ ...PATIENT, urls, ...options });
  guards.push(guard);
  return guard;
}

it.each(Object.entries(FAULTS))(
  'accepts nearly all tokens, and none twice, while one of three servers is %s',
  async (_, fault) => {
    const outcome = await load(servers, {
      tokens: 1000,
      isAtOnce: false,
      fault: () => fault(servers[1]!),
    });
    expect(outcome.acceptedTwice).toBe(0);
    expect(outcome.accepted).toBeGreaterThanOrEqual(outcome.shown * 0.999);
  },
);

it('refuses a used token after one server was emptied while another one is down', async () => {
  await servers[2]!.kill();
  const guard = await open({ rejectStepsBefore: 'restart' });
  const used = newMark();
  expect(await guard.remember([used])).toEqual(['fresh']);
  // Nor does it ask any more whom it has not reached.
  await guard.close();
  // The server that missed the mark is back. Of the two with the mark one is emptied, one killed.
  await servers[2]!.restart();
  const other = await open({ rejectStepsBefore: 'restart' });
  expect(await other.remember([newMark()])).toEqual(['fresh']);
  await servers[1]!.command('FLUSHALL');
  await servers[0]!.kill();
  const answers = await other.remember([used]).catch(() => ['unavailable']);
  expect(answers).toEqual(['unavailable']);
  // A process that starts afterwards does not accept the token either.
  await servers[0]!.restart();
  const late = await open();
  const [answer] = await late.remember([used]).catch(() => ['unavailable' as const]);
  // Which refusal it is depends on the servers that answer first.
  expect(['stale', 'replayed', 'unavailable']).toContain(answer);
});

describe('a majority of the servers', () => {
  it('is enough for a start, and the operator is told of the others', async () => {
    await servers[0]!.kill();
    const told: string[] = [];
    const guard = await open({
      rejectStepsBefore: 'none',
      onProblem: ({ message }) => told.push(message),
    });
    expect(told[0]).toMatch(/^redis: .*ECONNREFUSED/);
    expect(await guard.remember([newMark()])).toEqual(['fresh']);
  });

  it('is needed for a start', async () => {
    await Promise.all([servers[0]!.kill(), servers[1]!.kill()]);
    await expect(open()).rejects.toMatchObject({ code: 'ERR_STORE_FAILED' });
  });
});

it.each([
  ['two servers', (urls: string[]) => urls.slice(0, 2)],
  ['one server named twice', (urls: string[]) => [urls[0]!, urls[1]!, `${urls[0]}/`]],
  ['no servers', () => undefined as never],
  ['one that is not an address', (urls: string[]) => [...urls.slice(1), 'http://host']],
])('refuses the option urls with %s', async (_, urls) => {
  const options = { urls: urls(servers.map(({ url }) => url)) };
  await expect(createRedisQuorumGuard(options)).rejects.toMatchObject({
    code: 'ERR_OPTION',
    field: 'urls',
  });
});
