import { beforeAll, describe } from 'vitest';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { acceptOnceOverProcesses } from '../../unit/guards/processes.js';
import { PATIENT } from './patience.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

let server: RedisProcess;
beforeAll(async () => {
  server = await startRedis();
});

describe('processes on one server', () => {
  acceptOnceOverProcesses(4000, (name) => ({
    module: 'guards/redis/index.js',
    create: 'createRedisGuard',
    options: { ...PATIENT, url: server.url, prefix: `${name}:` },
  }));
});
