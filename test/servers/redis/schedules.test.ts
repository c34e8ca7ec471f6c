import { it } from 'vitest';
import { runSchedules } from './schedules.js';
import { startRedis } from './servers.js';

const COUNT = 200;
it(`accepts each token once in ${COUNT} schedules of faults, and new ones when the faults end`, async () => {
  await runSchedules(await startRedis(), 1, COUNT);
});
