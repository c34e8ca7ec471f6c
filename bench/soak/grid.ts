import type { Grid } from '../lib/grid.js';
import { type SoakResults, unhandledOf } from './results.js';

/** A table with one row for each run. */
export function soakGrid(runs: readonly SoakResults[]): Grid {
  return {
    head: [
      'workers',
      'minutes',
      'tokens shown',
      'steps',
      'wrong verdicts',
      'guard-unavailable',
      'unhandled errors',
      'memory, MiB: middle third, last, most',
      'p50, p99, longest, ms',
    ],
    rows: runs.map((run) => {
      const { workers, minutes, asked, steps, wrong, failedClosed, memoryMiB, latencyMs } = run;
      const { middleThird = '–', lastThird = '–', most } = memoryMiB;
      return [
        `${workers}`,
        `${minutes}`,
        asked.toLocaleString('en'),
        `${steps}`,
        `${wrong}`,
        `${failedClosed ?? '–'}`,
        `${unhandledOf(run)}`,
        `${middleThird}, ${lastThird}, ${most}`,
        `${latencyMs.p50}, ${latencyMs.p99}, ${latencyMs.most}`,
      ];
    }),
  };
}
