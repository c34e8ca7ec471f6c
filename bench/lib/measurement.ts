import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommit, describeMachine, describeRuntime } from './machine.js';
import { RESULTS } from './paths.js';
import type { Results } from './results.js';

/** What every file of results begins with. */
export interface Measurement extends Pick<Results, 'date' | 'machine' | 'runtime' | 'commit'> {
  /** How long it took, in milliseconds. Older files lack it. */
  readonly tookMs?: number;
}

/** Begins a measurement. What it gives back, called at the end, is the head of its results. */
export function beginMeasurement(): () => Measurement {
  const date = new Date().toISOString();
  // The load before, which the measurement does not raise itself.
  const machine = describeMachine();
  const startedMs = performance.now();
  return () => ({
    date,
    tookMs: Math.round(performance.now() - startedMs),
    machine,
    runtime: describeRuntime(),
    commit: describeCommit(),
  });
}

/** Writes results into a folder of bench/results/. @param suffix - Sets several of one day apart. */
export function saveMeasurement(kind: string, results: Measurement, suffix = ''): void {
  const folder = join(RESULTS, kind);
  mkdirSync(folder, { recursive: true });
  const name = `${results.date.slice(0, 10)}${suffix}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(results, undefined, 1)}\n`);
  console.log(`written: bench/results/${kind}/${name}`);
}

/** All results of a folder of bench/results/, the newest last. */
export function savedMeasurements<T extends Measurement>(kind: string): T[] {
  const folder = join(RESULTS, kind);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files
    .map((name): T => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .sort((a, b) => a.date.localeCompare(b.date));
}
