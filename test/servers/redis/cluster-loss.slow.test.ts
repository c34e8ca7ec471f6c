/**
 * A master of a cluster is killed under load. What it had answered and not yet passed on is
 * forgotten: how much is counted, without WAIT and with it, and told; asserted is only what is
 * guaranteed.
 */
import { describe, expect, it } from 'vitest';
import { createRedisGuard, type RedisGuardOptions } from '../../../src/guards/redis/index.js';
import { createGuardedVerifier } from '../../../src/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { codesOf, HOSTS, tokensOf } from '../../unit/guards/tokens.js';
import { until } from '../../unit/guards/until.js';
import { masterOf, startCluster } from './cluster.js';

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
  // The second one waits for nobody: whoever took over has no replica, and it only looks what is
  // left.
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

  // Nothing of this is in the second one's own memory: it is all up to the cluster.
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
  it('without WAIT loses marks that it had not passed on, and those are accepted twice', async () => {
    const result = await killUnderLoad({});
    tell('without WAIT', result);
    expect(result.accepted).toBeGreaterThan(0);
    // How many is up to chance: the answers that were out when the master died, and no more.
    expect(result.twice).toBeLessThanOrEqual(AT_ONCE * BATCH);
  });

  it('with WAIT for its one replica loses no mark', async () => {
    const result = await killUnderLoad({ wait: { replicas: 1 } });
    tell('with WAIT 1', result);
    expect(result.accepted).toBeGreaterThan(0);
    expect(result.twice).toBe(0);
  });
});
