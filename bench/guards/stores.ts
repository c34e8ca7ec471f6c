import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReplayGuard } from '../../src/index.js';
import { DIST } from '../lib/dist.js';
import { RedisProcess } from '../lib/redis-process.js';
import { NO_STORE } from './measure.js';

/** A store under measurement. */
export interface Store {
  readonly name: string;
  open(): Promise<ReplayGuard>;
  /** Bytes that it holds now. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}

const load = (module: string) => import(pathToFileURL(join(DIST, 'replay', module, 'index.js')).href);
const REDIS = 'redis-server';

/** Each in a place of its own, made when it is its turn. */
export const STORES: readonly (() => Promise<Store>)[] = [
  async () => ({ name: 'none', open: async () => NO_STORE, bytes: async () => 0, close: async () => {} }),
  lmdb,
  () => redis('Redis, in memory', []),
  () => redis('Redis, appendfsync always', ['--appendonly', 'yes', '--appendfsync', 'always']),
  () => redis('Redis, WAIT for one replica', [], true),
];

async function lmdb(): Promise<Store> {
  const { createLmdbGuard } = (await load('lmdb')) as typeof import('../../src/replay/lmdb/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-bench-lmdb-'));
  const path = join(folder, 'store');
  return {
    name: 'LMDB',
    open: () => createLmdbGuard({ path }),
    bytes: async () => statSync(join(path, 'data.mdb')).size,
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function redis(name: string, args: readonly string[], hasReplica = false): Promise<Store> {
  const { createRedisGuard } = (await load('redis')) as typeof import('../../src/replay/redis/index.js');
  const server = await RedisProcess.start(REDIS, args);
  const replica = hasReplica
    ? await RedisProcess.start(REDIS, ['--replicaof', '127.0.0.1', `${server.port}`])
    : undefined;
  while (replica && !/master_link_status:up/.test(`${await replica.command('INFO', 'replication')}`)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    name,
    open: () =>
      createRedisGuard({
        url: server.url,
        timeoutMs: 20_000,
        ...(hasReplica ? { wait: { replicas: 1, timeoutMs: 5000 } } : {}),
      }),
    bytes: async () =>
      Number(/used_memory:(\d+)/.exec(`${await server.command('INFO', 'memory')}`)?.[1] ?? 0),
    async close() {
      await replica?.dispose();
      await server.dispose();
    },
  };
}
