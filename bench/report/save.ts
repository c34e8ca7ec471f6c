import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS, RUNS } from '../lib/paths.js';
import type { Results } from '../lib/results.js';
import { savedRuns } from './saved.js';
import { writeTables } from './write.js';

const DIGITS = 4;

/** Keeps a whole run in build/ for the report, and replaces the earlier run of its kind. */
export function keepRun(results: Results): void {
  write(RUNS, `${results.mode}-${nameOf(results)}`, results);
}

/**
 * Writes the summary of a run into bench/results/, and the tables of the pages that quote it.
 * Replaces the earlier summary of the runtime, but never a full run by a quick one.
 */
export function saveSummary(results: Results): void {
  const name = nameOf(results);
  const earlier = savedRuns(RESULTS).find(({ file }) => file === name);
  if (results.mode === 'quick' && earlier?.run.mode === 'full') {
    console.log(`kept: bench/results/${name}, which is of a full run`);
    return;
  }
  write(RESULTS, name, results);
  console.log(`written: bench/results/${name}`);
  writeTables();
}

function nameOf({ runtime }: Results): string {
  return `${runtime.name.toLowerCase()}-${runtime.version.split('.')[0]}.json`;
}

function write(folder: string, name: string, results: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `${compact(results)}\n`);
}

/** JSON with one line for each spread, and numbers rounded to their significant digits. */
function compact(results: object): string {
  const rounded = JSON.parse(
    JSON.stringify(results, (_, value) =>
      typeof value === 'number' && !Number.isInteger(value)
        ? Number(value.toPrecision(DIGITS))
        : value,
    ),
  );
  return JSON.stringify(rounded, null, 1)
    .replace(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)
    .replace(/\{\s+("(?:median|name|x)"[^{}]*?)\s+\}/g, (_, entry: string) =>
      entry.includes('\n') ? `{ ${entry.replace(/\n\s+/g, ' ')} }` : `{ ${entry} }`,
    );
}
