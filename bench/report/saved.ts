import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayResults } from '../gateway/results.js';
import type { GuardsResults } from '../guards/results.js';
import { savedMeasurement } from '../lib/measurement.js';
import { RESULTS, RUNS } from '../lib/paths.js';
import { againstQuickest, type Results, type Table } from '../lib/results.js';
import type { SoakResults } from '../soak/results.js';

export const savedGateway = (): GatewayResults | undefined => savedMeasurement('gateway');

export const savedGuards = (): GuardsResults | undefined => savedMeasurement('guards');

/** A run for each number of workers that was measured. */
export const savedSoaks = (): SoakResults[] =>
  [1, 2].flatMap((workers) => savedMeasurement<SoakResults>(`soak-workers-${workers}`) ?? []);

/** A run of the bench and its file. */
export interface SavedRun {
  readonly file: string;
  readonly run: Results;
}

/** The kind of a run. A later run replaces the earlier one of the same kind. */
export const kindOf = ({ runtime, mode }: Results): string =>
  `${runtime.name} ${runtime.version.split('.')[0]}, ${mode}`;

/**
 * All runs of the bench in a folder, with the newest last. Each table is compared with its quickest
 * peer.
 */
export function savedRuns(folder: string): SavedRun[] {
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.json'))
    : [];
  return files
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(folder, file), 'utf8')) as Results }))
    .filter(({ run }) => run.tables !== undefined)
    .map(({ file, run }) => ({ file, run: { ...run, tables: run.tables.map(quickestFirst) } }))
    .sort((a, b) => a.run.date.localeCompare(b.run.date));
}

const quickestFirst = (table: Table): Table =>
  table.kind === 'times' ? againstQuickest(table) : table;

/**
 * The newest run for each major version of a runtime and each mode, from this machine and the
 * summaries. Full runs come first, and Node comes before the others.
 */
export function newestRuns(): Results[] {
  const runs = [...savedRuns(RESULTS), ...savedRuns(RUNS)].map(({ run }) => run);
  runs.sort((a, b) => a.date.localeCompare(b.date));
  const newest = new Map(runs.map((run) => [kindOf(run), run]));
  return [...newest.values()].sort(byRuntime);
}

const byRuntime = (a: Results, b: Results): number =>
  Number(b.mode === 'full') - Number(a.mode === 'full') ||
  Number(b.runtime.name === 'Node') - Number(a.runtime.name === 'Node') ||
  `${a.runtime.name}${a.runtime.version}`.localeCompare(`${b.runtime.name}${b.runtime.version}`);
