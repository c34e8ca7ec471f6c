import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS } from '../lib/paths.js';
import type { Results } from '../lib/results.js';
import { kindOf, savedRuns } from './saved.js';
import { writeShown } from './write.js';

/** Writes a run of the bench in place of the earlier ones of its runtime and mode, and what is shown of all. */
export function save(results: Results): void {
  const { date, runtime, mode } = results;
  const name = `${date.slice(0, 10)}-${runtime.name.toLowerCase()}-${runtime.version}${mode === 'quick' ? '-quick' : ''}.json`;
  mkdirSync(RESULTS, { recursive: true });
  for (const { file, run } of savedRuns()) {
    if (kindOf(run) === kindOf(results)) rmSync(join(RESULTS, file));
  }
  writeFileSync(join(RESULTS, name), `${compact(results)}\n`);
  console.log(`written: bench/results/${name}`);
  writeShown();
}

/** JSON with a line for each row, and numbers no longer than they mean something. */
function compact(results: Results): string {
  const rounded = JSON.parse(
    JSON.stringify(results, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)),
  );
  return JSON.stringify(rounded, null, 1).replace(
    /\[\s+([-\d.,\s]+?)\s+\]/g,
    (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`,
  );
}
