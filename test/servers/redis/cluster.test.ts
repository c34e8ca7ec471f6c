/**
 * A real cluster of three masters and three replicas, which moves slots and loses a master.
 */
import calculateSlot from 'cluster-key-slot';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { guardConformance } from '../../../src/guards/conformance.js';
import type { ReplayMark } from '../../../src/guards/guard.js';
import { RedisGuard } from '../../../src/guards/redis/guard.js';
import { createRedisGuard, type RedisGuardOptions } from '../../../src/guards/redis/index.js';
import { settingsOf } from '../../../src/guards/redis/options.js';
import { createGuardedVerifier } from '../../../src/index.js';
import { markUntil } from '../../unit/guards/marks.js';
import { codesOf, HOSTS, tokensOf } from '../../unit/guards/tokens.js';
import { until } from '../../unit/guards/until.js';
import { type Cluster, masterOf, startCluster } from './cluster.js';
import { HASTY, PATIENT } from './patience.js';
import { stopServers } from './servers.js';

stopServers();

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});

const open: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of open.splice(0)) await guard.close();
});
/** A guard that is given one node, and finds the others. */
async function guardOf(prefix = 'tt:', options: RedisGuardOptions = {}) {
  const guard = await createRedisGuard({
    ...PATIENT,
    ...options,
    nodes: [cluster.masters[1]?.url ?? ''],
    prefix,
  });
  open.push(guard);
  return guard;
}

const marksOf = (count: number): ReplayMark[] =>
  Array.from({ length: count }, (_, i) =>
    markUntil(`abcdefghij${String(i).padStart(6, '0')}`, 58_900_000, Date.now() + 600_000),
  );

describe('a cluster', () => {
  for (const { name, run } of guardConformance(() => guardOf())) it(name, run);

  it('spreads marks evenly over all masters', async () => {
    const guard = await guardOf('spread:');
    await guard.remember(marksOf(3000));
    for (const master of cluster.masters) {
      const keys = (await master.command('KEYS', 'spread:5*')) as string[];
      expect(keys.length).toBeGreaterThan(800);
    }
  });

  it('answers stale for marks of before once it sees that a node was emptied', async () => {
    let elapsedMs = 0;
    const nodes = [cluster.masters[1]!.url];
    const settings = settingsOf({ ...PATIENT, nodes, prefix: 'emptied:' });
    const guard = new RedisGuard(settings, { elapsedMs: () => elapsedMs });
    open.push(guard);
    await guard.connect();
    const marks = marksOf(30).map((mark) => ({ ...mark, startsAtMs: Date.now() - 30_000 }));
    expect(new Set(await guard.remember(marks))).toEqual(new Set(['fresh']));
    for (const master of cluster.masters) await master.command('FLUSHALL');
    elapsedMs = 5000;
    expect(new Set(await guard.remember(marks))).toEqual(new Set(['stale']));
    expect(guard.events()).toEqual({ emptied: cluster.masters.length });
  });

  it('accepts each mark once while it moves a slot and afterwards', async () => {
    const guard = await guardOf('move:');
    const other = await guardOf('move:');
    const slotOf = ({ id, step }: ReplayMark) => calculateSlot(`move:${step}:${id}`);
    const slots = marksOf(20_000).map(slotOf);
    // A slot of the first master that holds several marks.
    const slot = slots.find((each, i) => each < 5000 && slots.indexOf(each) !== i);
    const marks = marksOf(20_000).filter((mark) => slotOf(mark) === slot);
    expect(await guard.remember(marks.slice(0, 1))).toEqual(['fresh']);
    const [from, to] = cluster.masters as [Cluster['masters'][0], Cluster['masters'][0]];
    const [fromId, toId] = [
      await from.command('CLUSTER', 'MYID'),
      await to.command('CLUSTER', 'MYID'),
    ];
    await to.command('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', `${fromId}`);
    await from.command('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', `${toId}`);
    // Marks that the old node does not hold are asked of the new one.
    const answers = await guard.remember(marks);
    expect(answers).toEqual(marks.map((_, i) => (i === 0 ? 'replayed' : 'fresh')));
    expect(await other.remember(marks)).toEqual(marks.map(() => 'replayed'));
    const key = `move:58900000:${marks[0]?.id}`;
    await from.command('MIGRATE', '127.0.0.1', `${to.port}`, key, '0', '1000');
    for (const node of [to, from])
      await node.command('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', `${toId}`);
    expect(await guard.remember(marks)).toEqual(marks.map(() => 'replayed'));
    expect(await other.remember(marks)).toEqual(marks.map(() => 'replayed'));
  });

  it('that loses a master accepts in other slots only, until its replica takes over', async () => {
    const verifierOn = (guard: RedisGuard) =>
      createGuardedVerifier({ hosts: HOSTS, guard, window: { past: 10 }, guardTimeoutMs: 60_000 });
    const verifier = await verifierOn(await guardOf());
    const tokens = await tokensOf(300);
    expect(new Set(await codesOf(verifier, tokens))).toEqual(new Set(['accepted']));
    const [master, replica] = [cluster.masters[2], cluster.replicas[2]] as [
      Cluster['masters'][0],
      Cluster['masters'][0],
    ];
    // The replica has all marks so far.
    await until(async () => (await replica.command('DBSIZE')) === (await master.command('DBSIZE')));
    const hasty = await verifierOn(await guardOf('tt:', HASTY));
    await master.kill();
    // Tokens in the slots of the lost master are unavailable, others are accepted.
    await until(async () => {
      const during = await codesOf(hasty, await tokensOf(300));
      expect(during).toContain('guard-unavailable');
      return during.includes('accepted');
    });
    await replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await until(async () => (await masterOf([replica])) === replica);
    await until(async () =>
      (await codesOf(verifier, await tokensOf(100))).every((code) => code === 'accepted'),
    );
    const fresh = await verifierOn(await guardOf());
    expect(new Set(await codesOf(fresh, tokens))).toEqual(new Set(['replayed']));
    for (const each of [verifier, hasty, fresh]) each.dispose();
  });
});
