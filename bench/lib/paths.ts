import { join } from 'node:path';
import { ROOT } from '../../tools/testbed/root.js';

export { ROOT };

export const RESULTS = join(ROOT, 'bench', 'results');

/** What the bench makes and may be deleted. */
export const SCRATCH = join(ROOT, 'build', 'bench-scratch');

/** A file of the bench that runs as a program of its own, by its path inside bench/ without the ending. */
export function programFile(name: string): string {
  return join(ROOT, 'build', 'bench', `${name}.js`);
}
