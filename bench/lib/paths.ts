import { join } from 'node:path';
import { ROOT } from '../../tools/testbed/root.js';

export { ROOT };

/** The summaries that git keeps: one a runtime, and one of each other measurement. */
export const RESULTS = join(ROOT, 'bench', 'results');

/** Whole runs and the report, which are made anew when they are wanted. */
export const RUNS = join(ROOT, 'build', 'bench-results');

/** What the bench makes and may be deleted. */
export const SCRATCH = join(ROOT, 'build', 'bench-scratch');

/**
 * A file of the bench that runs as a program of its own, by its path inside bench/ without the
 * ending.
 */
export function programFile(name: string): string {
  return join(ROOT, 'build', 'bench', `${name}.js`);
}
