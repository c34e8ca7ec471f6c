import { it } from 'vitest';
import { runSchedules } from './schedules.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const COUNT = 200;
it(`in ${COUNT} schedules of faults each token is accepted once at most, and new ones when the faults end`, async () => {
  await runSchedules(await startRedis(), 1, COUNT);
});
