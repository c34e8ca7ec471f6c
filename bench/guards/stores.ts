import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RedisGuardOptions, RedisQuorumOptions } from '../../src/guards/redis/index.js';
import type { ReplayGuard } from '../../src/index.js';
import { startMasters } from '../../tools/testbed/redis-cluster.js';
import { RedisProcess } from '../../tools/testbed/redis-process.js';
import { DIST } from '../lib/dist.js';
import { freshLibrary } from '../lib/library.js';
import { durableObject } from './durable-object.js';
import { HOSTS, type Subject } from './measure.js';
import type { Store } from './store.js';

const { createGuardedVerifier, createVerifier } = await freshLibrary();
const load = (...path: string[]) => import(pathToFileURL(join(DIST, ...path, 'index.js')).href);
const REDIS = 'redis-server';
const CONNECTIONS = [1, 2, 4, 8];
const GUARD_TIMEOUT_MS = 30_000;
/** Capacity of a guard in memory: all tokens of a row may fall into one step. */
const CAPACITY = 6_000_000;
/**
 * How many tokens are stored to measure the bytes of one. So many that the store's own size does
 * not matter.
 */
const FILL = 200_000;

/** Answers at once and remembers nothing. It shows the cost of everything except the store. */
const NO_STORE: ReplayGuard = { remember: async (marks) => marks.map(() => 'fresh') };

/** The stores. Each is made when it is measured. Undefined if it cannot run here. */
export const STORES: readonly (() => Promise<Store | undefined>)[] = [
  none,
  memory,
  pool,
  lmdb,
  () => redis('Redis, in memory', []),
  () => redis('Redis, appendfsync always', ['--appendonly', 'yes', '--appendfsync', 'always']),
  () => redis('Redis, WAIT for one replica', [], true),
  cluster,
  quorum,
  durableObject,
];

async function none(): Promise<Store> {
  const guarded = new Guarded(async () => NO_STORE);
  const subjects = (count: number) => guarded.subjects(count);
  return {
    name: 'none',
    connections: CONNECTIONS,
    pids: [],
    subjects,
    bytes: async () => 0,
    async close() {},
  };
}

/**
 * The verifier's own guard. It belongs to one process and needs no connections, so one is measured.
 */
async function memory(): Promise<Store> {
  const create = () => createVerifier({ hosts: HOSTS, replay: { capacity: CAPACITY } });
  const subjects = async () => [await create()];
  return {
    name: 'memory',
    connections: [1],
    pids: [],
    subjects,
    bytes: () => bytesOfRoom(create),
    async close() {},
  };
}

async function pool(): Promise<Store> {
  const { createVerifierPool } = (await load('pool')) as typeof import('../../src/pool/index.js');
  const subjects = async (threads: number) => {
    const made = await createVerifierPool({
      hosts: HOSTS,
      threads,
      replay: { capacity: CAPACITY },
    });
    return [{ verifyBatch: made.verifyBatch.bind(made), dispose: () => made.close() }];
  };
  const bytes = () =>
    bytesOfRoom(() =>
      createVerifierPool({ hosts: HOSTS, threads: 1, replay: { capacity: CAPACITY } }),
    );
  return {
    name: 'memory, a pool’s threads',
    connections: [1, 2],
    pids: [],
    subjects,
    bytes,
    async close() {},
  };
}

export async function lmdbGuards() {
  const { createLmdbGuard } = (await load(
    'guards',
    'lmdb',
  )) as typeof import('../../src/guards/lmdb/index.js');
  return createLmdbGuard;
}

async function lmdb(): Promise<Store> {
  const createLmdbGuard = await lmdbGuards();
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-bench-lmdb-'));
  const path = join(folder, 'store');
  const guarded = new Guarded(() => createLmdbGuard({ path }));
  return {
    name: 'LMDB',
    connections: CONNECTIONS,
    pids: [],
    subjects: (count) => guarded.subjects(count),
    bytes: () => guarded.bytesOfMark(async () => statSync(join(path, 'data.mdb')).size),
    async close() {
      await guarded.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function redis(name: string, args: readonly string[], hasReplica = false): Promise<Store> {
  const server = await RedisProcess.start(REDIS, args);
  const replica = hasReplica
    ? await RedisProcess.start(REDIS, ['--replicaof', '127.0.0.1', `${server.port}`])
    : undefined;
  while (
    replica &&
    !/master_link_status:up/.test(`${await replica.command('INFO', 'replication')}`)
  ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const wait = hasReplica ? { wait: { replicas: 1, timeoutMs: 5000 } } : {};
  const servers = replica === undefined ? [server] : [server, replica];
  return redisStore(name, { url: server.url, ...wait }, servers, [server]);
}

/** Three masters without replicas. It shows the cost of three servers. */
async function cluster(): Promise<Store> {
  const masters = await startMasters(REDIS);
  return redisStore(
    'Redis Cluster of three masters',
    { nodes: [masters[0]!.url] },
    masters,
    masters,
  );
}

/** Three independent masters. It shows the cost of asking each of them. */
async function quorum(): Promise<Store> {
  const start = () => RedisProcess.start(REDIS, []);
  const servers = await Promise.all([start(), start(), start()]);
  const urls = servers.map(({ url }) => url);
  return redisStore('Redis, a quorum of three', { urls }, servers, servers);
}

async function redisStore(
  name: string,
  options: RedisGuardOptions | RedisQuorumOptions,
  servers: readonly RedisProcess[],
  holding: readonly RedisProcess[],
): Promise<Store> {
  const { createRedisGuard, createRedisQuorumGuard } = (await load(
    'guards',
    'redis',
  )) as typeof import('../../src/guards/redis/index.js');
  const guarded = new Guarded(() =>
    'urls' in options
      ? createRedisQuorumGuard({ timeoutMs: 20_000, rejectStepsBefore: 'none', ...options })
      : createRedisGuard({ timeoutMs: 20_000, ...options }),
  );
  const used = async (server: RedisProcess) =>
    Number(/used_memory:(\d+)/.exec(`${await server.command('INFO', 'memory')}`)?.[1] ?? 0);
  return {
    name,
    connections: CONNECTIONS,
    pids: servers.map(({ pid }) => pid),
    subjects: (count) => guarded.subjects(count),
    bytes: () =>
      guarded.bytesOfMark(async () =>
        (await Promise.all(holding.map(used))).reduce((sum, each) => sum + each, 0),
      ),
    async close() {
      await guarded.close();
      for (const server of servers) await server.dispose();
    },
  };
}

/** Verifiers with one guard each. The guards' connections stay open between rows. */
class Guarded {
  readonly #open: () => Promise<ReplayGuard>;
  readonly #guards: ReplayGuard[] = [];

  constructor(open: () => Promise<ReplayGuard>) {
    this.#open = open;
  }

  async subjects(count: number): Promise<Subject[]> {
    while (this.#guards.length < count) this.#guards.push(await this.#open());
    return Promise.all(
      this.#guards
        .slice(0, count)
        .map((guard) =>
          createGuardedVerifier({ hosts: HOSTS, guard, guardTimeoutMs: GUARD_TIMEOUT_MS }),
        ),
    );
  }

  /**
   * Measures how many bytes a mark takes. Must run first, while the store has no freed room to
   * reuse.
   */
  async bytesOfMark(size: () => Promise<number>): Promise<number> {
    const guard = await this.#open();
    this.#guards.push(guard);
    const step = Math.floor(Date.now() / 30_000) + 5;
    const before = await size();
    for (let at = 0; at < FILL; at += 1000) {
      const marks = Array.from({ length: 1000 }, () => ({
        id: Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('base64'),
        step,
        startsAtMs: (step - 1) * 30_000,
        expiresAtMs: (step + 2) * 30_000,
        keepUntilMs: (step + 11) * 30_000,
      }));
      await guard.remember(marks);
    }
    return Math.round(((await size()) - before) / FILL);
  }

  async close(): Promise<void> {
    for (const guard of this.#guards) await guard.close?.();
  }
}

/** Bytes for each token of a full guard in memory, which allocates all of its room at the start. */
async function bytesOfRoom(
  create: () => Promise<{
    readonly replay: {
      readonly bytes: number;
      readonly capacity: number;
      readonly generations: readonly unknown[];
    };
    dispose?(): void;
    close?(): Promise<void>;
  }>,
): Promise<number> {
  const made = await create();
  const { bytes, capacity, generations } = made.replay;
  made.dispose?.();
  await made.close?.();
  return Math.round(bytes / (capacity * generations.length));
}
