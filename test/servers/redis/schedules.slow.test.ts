import { it } from 'vitest';
import { runSchedules } from './schedules.js';
import { startRedis } from './servers.js';

const COUNT = 10_000;
it(`accepts each token once in ${COUNT} schedules of faults, and new ones when the faults end`, {
  timeout: 3_600_000,
}, async () => {
  await runSchedules(await startRedis(), 1_000_000, COUNT);
});
