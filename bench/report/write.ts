import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS } from '../lib/paths.js';
import type { Results } from '../lib/results.js';
import { escaped, pageOf } from './html.js';
import { overviewOf } from './overview.js';
import { sectionOf } from './tables.js';

const FILE = join(RESULTS, 'report.html');

/** Makes the page of all results in bench/results/: of each runtime's major version the last full run, or the last one. */
export async function writeReport(): Promise<string> {
  const runs = latestRuns();
  const sections = runs.map((run, i) => {
    const { runtime, mode } = run;
    const title = `${runtime.name} ${runtime.version}, ${mode} run`;
    return `<details${i === 0 ? ' open' : ''}><summary>${escaped(title)}</summary>\n${sectionOf(run)}\n</details>`;
  });
  const body = `${INTRODUCTION}\n<h2>Wins and losses</h2>\n${overviewOf(runs)}\n<h2>Runs</h2>\n${sections.join('\n')}`;
  writeFileSync(FILE, pageOf('totp-token: benchmark', body));
  return 'bench/results/report.html';
}

const INTRODUCTION = `<p>Candidates take turns in one process, on the same tokens, round after round; figures are medians
over the rounds, and the thin line in a bar spans the middle half. A ratio is taken within each round, so what slowed the
machine slowed both. Absolute times move from run to run: compare within a table only. How it is measured stands in
bench/README.md.</p>`;

function latestRuns(): Results[] {
  const files = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => name.endsWith('.json')) : [];
  const runs: Results[] = files.map((name) => JSON.parse(readFileSync(join(RESULTS, name), 'utf8')));
  const latest = new Map<string, Results>();
  for (const run of runs.sort(byWorth)) {
    latest.set(`${run.runtime.name} ${run.runtime.version.split('.')[0]}`, run);
  }
  return [...latest.values()].sort(byRuntime);
}

/** The one to be kept comes last. */
const byWorth = (a: Results, b: Results): number =>
  Number(a.mode === 'full') - Number(b.mode === 'full') || a.date.localeCompare(b.date);

const byRuntime = (a: Results, b: Results): number =>
  Number(b.mode === 'full') - Number(a.mode === 'full') ||
  Number(b.runtime.name === 'Node') - Number(a.runtime.name === 'Node') ||
  `${a.runtime.name}${a.runtime.version}`.localeCompare(`${b.runtime.name}${b.runtime.version}`);
