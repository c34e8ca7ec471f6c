/**
 * A master of a cluster is killed under load. Marks that it had answered and not yet replicated are
 * lost. The test counts and prints them, without WAIT and with it, and asserts only the documented
 * guarantees.
 */
import { describe, expect, it } from 'vitest';
import { createRedisGuard, type RedisGuardOptions } from '../../../src/guards/redis/index.js';
import { createGuardedVerifier } from '../../../src/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { codesOf, HOSTS, tokensOf } from '../../unit/guards/tokens.js';
import { until } from '../../unit/guards/until.js';
import { masterOf, startCluster } from './cluster.js';
import { stopServers } from './servers.js';

stopServers();

const BATCH = 200;
const AT_ONCE = 8;
const BEFORE_KILL_MS = 1500;
const AFTER_TAKEOVER_MS = 1000;

/**
 * How many tokens were accepted before and while a master was killed, and how many of them again.
 */
async function killUnderLoad(options: RedisGuardOptions) {
  const { masters, replicas } = await startCluster('--cluster-node-timeout', '1000');
  const nodes = masters.map(({ url }) => url);
  const verifierOf = async (own: RedisGuardOptions) => {
    const guard = await createRedisGuard({
      nodes,
      retryAfterMs: 50,
      connectTimeoutMs: 10_000,
      ...own,
    });
    return { guard, verifier: await createGuardedVerifier({ hosts: HOSTS, guard }) };
  };
  // The second verifier does not wait for replicas, as the new master has none. It only finds out
  // which marks are left.
  const [first, second] = [await verifierOf(options), await verifierOf({})];
  const accepted: string[] = [];
  let unavailable = 0;
  let isOver = false;
  const load = Array.from({ length: AT_ONCE }, async () => {
    while (!isOver) {
      const tokens = await tokensOf(BATCH);
      const codes = await codesOf(first.verifier, tokens);
      accepted.push(...tokens.filter((_, i) => codes[i] === 'accepted'));
      unavailable += codes.filter((code) => code === 'guard-unavailable').length;
    }
  });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(BEFORE_KILL_MS);
  const replica = replicas[0] as RedisProcess;
  await masters[0]?.kill();
  await until(async () => (await masterOf([replica])) === replica);
  await pause(AFTER_TAKEOVER_MS);
  isOver = true;
  await Promise.all(load);

  // The second verifier remembers nothing itself, so the answers come from the cluster.
  let twice = 0;
  await until(async () =>
    (await codesOf(second.verifier, await tokensOf(100))).every((code) => code === 'accepted'),
  );
  for (let at = 0; at < accepted.length; at += 1000) {
    const codes = await codesOf(second.verifier, accepted.slice(at, at + 1000));
    twice += codes.filter((code) => code === 'accepted').length;
    expect(codes.filter((code) => code !== 'accepted' && code !== 'replayed')).toEqual([]);
  }
  for (const { guard, verifier } of [first, second]) {
    verifier.dispose();
    await guard.close();
  }
  return { accepted: accepted.length, unavailable, twice };
}

const tell = (
  how: string,
  { accepted, unavailable, twice }: Awaited<ReturnType<typeof killUnderLoad>>,
) =>
  process.stdout.write(
    `${how}: ${accepted} accepted, ${unavailable} unavailable, ${twice} accepted twice\n`,
  );

describe('a master that is killed under load', () => {
  it('without WAIT loses at most the marks of the answers under way', async () => {
    const result = await killUnderLoad({});
    tell('without WAIT', result);
    expect(result.accepted).toBeGreaterThan(0);
    // The number varies up to that of the answers under way when the master died.
    expect(result.twice).toBeLessThanOrEqual(AT_ONCE * BATCH);
  });

  it('with WAIT for its one replica loses no mark', async () => {
    const result = await killUnderLoad({ wait: { replicas: 1 } });
    tell('with WAIT 1', result);
    expect(result.accepted).toBeGreaterThan(0);
    expect(result.twice).toBe(0);
  });
});
