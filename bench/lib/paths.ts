import { join } from 'node:path';
import { ROOT } from '../../tools/testbed/root.js';

export { ROOT };

/** The summaries that git keeps: one for each runtime, and one for each other measurement. */
export const RESULTS = join(ROOT, 'bench', 'results');

/** Whole runs and the report, which can be made again. */
export const RUNS = join(ROOT, 'build', 'bench-results');

/** Temporary files of the bench. */
export const SCRATCH = join(ROOT, 'build', 'bench-scratch');

/** The compiled file of a program of the bench, by its path inside bench/ without the ending. */
export function programFile(name: string): string {
  return join(ROOT, 'build', 'bench', `${name}.js`);
}
