import { afterAll } from 'vitest';
import { FaultProxy } from '../../../tools/testbed/fault-proxy.js';
import { fromDebian } from '../../../tools/testbed/programs.js';
import { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { until } from '../../unit/guards/until.js';

interface Ending {
  readonly started: RedisProcess[];
  readonly proxies: FaultProxy[];
}

/** What ends with the file that runs. Files of a process run one after the other. */
let ending: Ending | undefined;

/** Ends the servers and relays of a file after its tests. Call it at the top of the file. */
export function stopServers(): void {
  const own: Ending = { started: [], proxies: [] };
  ending = own;
  afterAll(async () => {
    await Promise.all(own.proxies.map((proxy) => proxy.close()));
    await Promise.all(own.started.map((server) => server.dispose()));
    ending = undefined;
  });
}

function endingOfFile(): Ending {
  if (ending === undefined) throw new Error('the file does not call stopServers()');
  return ending;
}

/** A relay to a server for this suite, gone when it ends. */
export async function proxyTo({ port }: RedisProcess): Promise<FaultProxy> {
  const { proxies } = endingOfFile();
  const proxy = await FaultProxy.to(port);
  proxies.push(proxy);
  return proxy;
}

/** A Redis server for this suite, gone when it ends. */
export async function startRedis(...args: string[]): Promise<RedisProcess> {
  const { started } = endingOfFile();
  const server = await RedisProcess.start(redisProgram(), args);
  started.push(server);
  return server;
}

export const redisProgram = (): string => fromDebian('redis-server', 'redis-server');

/** A replica of a server, once it has all data of its master. */
export async function startReplica(master: RedisProcess, ...args: string[]): Promise<RedisProcess> {
  const replica = await startRedis('--replicaof', '127.0.0.1', `${master.port}`, ...args);
  await until(async () =>
    /master_link_status:up/.test(`${await replica.command('INFO', 'replication')}`),
  );
  return replica;
}
