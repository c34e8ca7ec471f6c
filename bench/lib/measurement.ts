import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Writes results into bench/results/, in place of the earlier ones. @param name - Without `.json`.
 */
export function saveMeasurement(name: string, results: Measurement): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(results, undefined, 1)}\n`);
  console.log(`written: bench/results/${name}.json`);
}

/** The results of that name in bench/results/, if they are there. */
export function savedMeasurement<T extends Measurement>(name: string): T | undefined {
  const file = join(RESULTS, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
