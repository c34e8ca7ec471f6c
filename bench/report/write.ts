import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goalsOf } from '../goals.js';
import { commandFor } from '../lib/machine.js';
import { ROOT, RUNS } from '../lib/paths.js';
import type { Results } from '../lib/results.js';
import { headBars } from './bars.js';
import { factsHtml, goalsHtml } from './grid.js';
import { escaped, folded, pageOf } from './html.js';
import { lossesOf, matricesOf } from './matrices.js';
import { MAIN_WORKLOAD, timesOf } from './meaning.js';
import { newestRuns } from './saved.js';
import { servicesHtml, titleOf } from './services.js';
import { shownBlocks } from './shown.js';
import { findingsOf, headlineOf } from './summary.js';
import { sectionOf } from './tables.js';

/**
 * Writes the report of this machine's runs and of the summaries.
 *
 * @param latest - The run whose figures are at the top. Default: the first of the report.
 */
export function writeReport(latest?: Results): void {
  mkdirSync(RUNS, { recursive: true });
  writeFileSync(join(RUNS, 'report.html'), reportOf(latest));
  console.log('written: build/bench-results/report.html');
}

/** Writes the tables of the pages that quote a summary. */
export function writeTables(): void {
  for (const { page, pattern, text } of shownBlocks()) {
    const file = join(ROOT, page);
    const before = readFileSync(file, 'utf8');
    if (!pattern.test(before)) throw new Error(`${page} has no place for its table: ${pattern}`);
    writeFileSync(
      file,
      before.replace(pattern, (_, begin, end) => `${begin}${text}${end}`),
    );
    console.log(`written: ${page}`);
  }
  const { file, args } = commandFor(join(ROOT, 'tools', 'speed-table.mjs'));
  execFileSync(file, args);
  console.log('written: README.md');
}

/** The newest run of each runtime and mode, and the newest measurements of the services. */
export function reportOf(latest?: Results): string {
  const runs = newestRuns();
  const top = latest ?? runs[0];
  const head = top === undefined ? '<h1>No run was found</h1>' : headOf(top, runs);
  const goals = runs.map((run) => `<h3>${escaped(titleOf(run))}</h3>\n${goalsHtml(goalsOf(run))}`);
  const body = [
    head,
    CONTENTS,
    '<h2 id="runtimes">Runtimes compared</h2>',
    `<div class="matrices">${matricesOf(runs)}</div>`,
    '<h2 id="losses">Losses and goals</h2>',
    lossesOf(runs),
    folded('The goals that the project set itself, and how they came out', goals.join('\n')),
    servicesHtml(),
    '<h2 id="runs">Every run, with all its tables</h2>',
    ...runs.map((run) => folded(titleOf(run), sectionOf(run))),
  ];
  return pageOf('totp-token: benchmark', body.join('\n'));
}

/** A headline, a chart of eight bars and the findings. */
function headOf(run: Results, runs: readonly Results[]): string {
  const table = timesOf(run, MAIN_WORKLOAD);
  const findings = findingsOf(run, runs).map((finding) => `<li>${escaped(finding)}</li>`);
  return [
    `<h1>${escaped(headlineOf(run))}</h1>`,
    table === undefined
      ? ''
      : `<figure>${headBars(table)}<figcaption>${CAPTION}</figcaption></figure>`,
    `<ul class="findings">${findings.join('\n')}</ul>`,
    factsHtml(run),
  ].join('\n');
}

const CAPTION = `Whole verifications of valid tokens with a 17-byte name, each from the check of its form to the replay
guard. Nanoseconds a token, and times as fast as the baseline. Longer bars are quicker; the thin line marks the baseline.
All candidates took turns in one process on the same tokens. Each ratio is of one round, and its median is shown.`;

const CONTENTS = `<nav aria-label="Contents"><ul>
<li><a href="#runtimes">Runtimes compared</a></li>
<li><a href="#losses">Losses and goals</a></li>
<li><a href="#gateway">The gateway</a></li>
<li><a href="#guards">Replay guards</a></li>
<li><a href="#soak">Soak</a></li>
<li><a href="#runs">Every run, with all its tables</a></li>
</ul></nav>
<p class="note">bench/README.md says how all this is measured.</p>`;
