// How long each phase of a run took. The script before `npm test` leaves its phases in a file for
// the run itself.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, seconds } from './process.mjs';

const FILE = join(ROOT, 'build', 'phases.json');

/** @type {{ name: string, ms: number }[]} */
const phases = [];

/**
 * Measures a phase, also when it fails.
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

/** Leaves the phases of this process for the next one. */
export function leavePhases() {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeFileSync(FILE, JSON.stringify(phases));
}

/** Takes what the process before this one left. */
export function takePhases() {
  if (!existsSync(FILE)) return;
  phases.push(...JSON.parse(readFileSync(FILE, 'utf8')));
  rmSync(FILE);
}

/** All phases on a line. */
export const phasesLine = () => phases.map(({ name, ms }) => `${name} ${seconds(ms)}`).join(', ');
