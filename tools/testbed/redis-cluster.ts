import { freePort } from './free-port.js';
import { RedisProcess } from './redis-process.js';

const SLOTS = 16_384;
const MASTERS = 3;
const WAIT_MS = 20;
const MOST_WAITS = 1000;

/**
 * Starts a cluster of three masters on loopback, and waits until all of them know that every slot
 * is served.
 */
export async function startMasters(program: string): Promise<RedisProcess[]> {
  const masters: RedisProcess[] = [];
  for (let i = 0; i < MASTERS; i++) {
    const busPort = `${await freePort()}`;
    masters.push(
      await RedisProcess.start(program, ['--cluster-enabled', 'yes', '--cluster-port', busPort]),
    );
  }
  const [first] = masters as [RedisProcess];
  const bus = `${await first.command('CONFIG', 'GET', 'cluster-port')}`.split(',')[1];
  for (const [i, master] of masters.entries()) {
    const [from, to] = [
      Math.ceil((i * SLOTS) / MASTERS),
      Math.ceil(((i + 1) * SLOTS) / MASTERS) - 1,
    ];
    await master.command('CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`);
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
    if (master !== first)
      await master.command('CLUSTER', 'MEET', '127.0.0.1', `${first.port}`, `${bus}`);
  }
  const isReady = async (master: RedisProcess) => {
    const info = `${await master.command('CLUSTER', 'INFO')}`;
    return /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${MASTERS}`);
  };
  for (let i = 0; !(await Promise.all(masters.map(isReady))).every((is) => is); i++) {
    if (i === MOST_WAITS) throw new Error('the cluster does not come together');
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return masters;
}
