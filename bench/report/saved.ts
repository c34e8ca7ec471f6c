import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayResults } from '../gateway/results.js';
import type { GuardsResults } from '../guards/results.js';
import { savedMeasurements } from '../lib/measurement.js';
import { RESULTS } from '../lib/paths.js';
import type { Results } from '../lib/results.js';
import type { SoakResults } from '../soak/results.js';

export const newestGateway = (): GatewayResults | undefined =>
  savedMeasurements<GatewayResults>('gateway').at(-1);

export const newestGuards = (): GuardsResults | undefined =>
  savedMeasurements<GuardsResults>('guards').at(-1);

/** The newest run of each number of workers. */
export function newestSoaks(): SoakResults[] {
  const newest = new Map(savedMeasurements<SoakResults>('soak').map((run) => [run.workers, run]));
  return [...newest.values()].sort((a, b) => a.workers - b.workers);
}

/** A run of the bench and its file in bench/results/. */
export interface SavedRun {
  readonly file: string;
  readonly run: Results;
}

/** What two runs have in common of which the later one replaces the earlier. */
export const kindOf = ({ runtime, mode }: Results): string =>
  `${runtime.name} ${runtime.version.split('.')[0]}, ${mode}`;

/** All runs of the bench, the newest last. */
export function savedRuns(): SavedRun[] {
  const files = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => name.endsWith('.json')) : [];
  return files
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Results }))
    .sort((a, b) => a.run.date.localeCompare(b.run.date));
}

/** The newest run of each runtime's major version and mode: full runs first, Node before the others. */
export function newestRuns(): Results[] {
  const newest = new Map(savedRuns().map(({ run }) => [kindOf(run), run]));
  return [...newest.values()].sort(byRuntime);
}

const byRuntime = (a: Results, b: Results): number =>
  Number(b.mode === 'full') - Number(a.mode === 'full') ||
  Number(b.runtime.name === 'Node') - Number(a.runtime.name === 'Node') ||
  `${a.runtime.name}${a.runtime.version}`.localeCompare(`${b.runtime.name}${b.runtime.version}`);
