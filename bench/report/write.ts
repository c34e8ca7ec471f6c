import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, RUNS } from '../lib/paths.js';
import { escaped, pageOf } from './html.js';
import { overviewOf } from './overview.js';
import { newestRuns } from './saved.js';
import { servicesHtml, titleOf } from './services.js';
import { shownBlocks } from './shown.js';
import { sectionOf } from './tables.js';

/** Writes the report of this machine's runs and of the summaries. */
export function writeReport(): void {
  mkdirSync(RUNS, { recursive: true });
  writeFileSync(join(RUNS, 'report.html'), reportOf());
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
}

/** The newest run of each runtime and mode, and the newest of what runs as a service. */
export function reportOf(): string {
  const runs = newestRuns();
  const sections = runs.map(
    (run, i) =>
      `<details${i === 0 ? ' open' : ''}><summary>${escaped(titleOf(run))}</summary>\n${sectionOf(run)}\n</details>`,
  );
  const body = [
    INTRODUCTION,
    '<h2>Wins and losses</h2>',
    overviewOf(runs),
    servicesHtml(),
    '<h2>Runs</h2>',
    ...sections,
  ];
  return pageOf('totp-token: benchmark', body.join('\n'));
}

const INTRODUCTION = `<p>Candidates take turns in one process, on the same tokens, round after round; figures are medians
over the rounds, and the thin line in a bar spans the middle half. A ratio is taken within each round, so what slowed the
machine slowed both. Absolute times move from run to run: compare within a table only. How it is measured stands in
bench/README.md.</p>`;
