import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeCommit, describeMachine, describeRuntime } from './machine.js';
import { RESULTS } from './paths.js';
import type { Results } from './results.js';

/** The fields that every file of results has. */
export interface Measurement extends Pick<Results, 'date' | 'machine' | 'runtime' | 'commit'> {
  /** How long it took, in milliseconds. Missing in older files. */
  readonly tookMs?: number;
}

/**
 * Begins a measurement. Returns a function that returns the head of its results. Call it at the
 * end.
 */
export function beginMeasurement(): () => Measurement {
  const date = new Date().toISOString();
  // Reads the load before the measurement raises it.
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

/**
 * Writes results into bench/results/, and replaces earlier ones.
 *
 * @param name - The name of the file without `.json`.
 */
export function saveMeasurement(name: string, results: Measurement): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(results, undefined, 1)}\n`);
  console.log(`written: bench/results/${name}.json`);
}

/** The results with this name in bench/results/, if they exist. */
export function savedMeasurement<T extends Measurement>(name: string): T | undefined {
  const file = join(RESULTS, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
