import { freePort } from '../../../tools/testbed/free-port.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { until } from '../../unit/guards/until.js';
import { startRedis } from './servers.js';

const SLOTS = 16_384;

/** A cluster of masters, each with one replica; `replicas[i]` is of `masters[i]`. */
export interface Cluster {
  readonly masters: readonly RedisProcess[];
  readonly replicas: readonly RedisProcess[];
}

/** So long that no replica takes over only because the machine is slow. */
const NODE_TIMEOUT_MS = 60_000;

/**
 * Three masters and three replicas. A replica takes over when it is told to.
 *
 * @param args - More arguments for each server, as `--name value`.
 */
export async function startCluster(...args: string[]): Promise<Cluster> {
  const start = async () =>
    startRedis(
      ...['--cluster-enabled', 'yes', '--cluster-node-timeout', `${NODE_TIMEOUT_MS}`],
      ...['--cluster-port', `${await freePort()}`, ...args],
    );
  const nodes = await Promise.all([start(), start(), start(), start(), start(), start()]);
  const [masters, replicas] = [nodes.slice(0, 3), nodes.slice(3)];
  for (const [i, master] of masters.entries()) {
    const from = Math.ceil((i * SLOTS) / 3);
    const to = Math.ceil(((i + 1) * SLOTS) / 3) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`);
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
  }
  const [first] = masters as [RedisProcess];
  for (const node of nodes.slice(1)) {
    const bus = `${await first.command('CONFIG', 'GET', 'cluster-port')}`.split(',')[1];
    await node.command('CLUSTER', 'MEET', '127.0.0.1', `${first.port}`, `${bus}`);
  }
  for (const [i, replica] of replicas.entries()) {
    const id = `${await masters[i]?.command('CLUSTER', 'MYID')}`;
    await until(() =>
      replica.command('CLUSTER', 'REPLICATE', id).then(
        () => true,
        () => false,
      ),
    );
  }
  await until(async () => (await Promise.all(nodes.map(isReady))).every((is) => is));
  return { masters, replicas };
}

/** Whether a server knows that all slots are served, and is connected to its replica or master. */
async function isReady(node: RedisProcess): Promise<boolean> {
  const info = `${await node.command('CLUSTER', 'INFO')}`;
  const replication = `${await node.command('INFO', 'replication')}`;
  return (
    /cluster_state:ok/.test(info) &&
    /cluster_known_nodes:6/.test(info) &&
    /master_link_status:up|state=online/.test(replication)
  );
}

/** The server of a pair that is the master now. */
export async function masterOf(pair: readonly RedisProcess[]): Promise<RedisProcess | undefined> {
  for (const node of pair) {
    const info = await node.command('INFO', 'replication').catch(() => '');
    if (/role:master/.test(`${info}`)) return node;
  }
  return undefined;
}
