// Records how long each phase of a run took. The script before `npm test` passes its phases to the
// run in a file.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, seconds } from './process.mjs';

const FILE = join(ROOT, 'build', 'phases.json');

/** @type {{ name: string, ms: number }[]} */
const phases = [];

/**
 * Measures a phase, even if it fails.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} run
 * @returns {Promise<T>}
 */
export async function phase(name, run) {
  const startedMs = performance.now();
  try {
    return await run();
  } finally {
    phases.push({ name, ms: performance.now() - startedMs });
  }
}

/** Writes the phases of this process for the next process. */
export function leavePhases() {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(FILE, JSON.stringify(phases));
}

/** Reads the phases of the process before this one. */
export function takePhases() {
  if (!existsSync(FILE)) return;
  phases.push(...JSON.parse(readFileSync(FILE, 'utf8')));
  rmSync(FILE);
}

/** All phases in one line. */
export const phasesLine = () => phases.map(({ name, ms }) => `${name} ${seconds(ms)}`).join(', ');
