import { it } from 'vitest';
import { runSchedules } from './schedules.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const COUNT = 10_000;
it(`in ${COUNT} schedules of faults each token is accepted once at most, and new ones when the faults end`, {
  timeout: 3_600_000,
}, async () => {
  await runSchedules(await startRedis(), 1_000_000, COUNT);
});
