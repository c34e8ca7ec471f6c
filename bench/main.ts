// Runs the benchmark and reports its results: see README.md in the sources' folder.
//
//   npm run bench [-- --quick] [--only NAME]... [--list] [--chromium] [--save] [--report] [--goals]
import { parseArgs } from 'node:util';
import { goalsOf } from './goals.js';
import { describeCommit, describeMachine, describeRuntime } from './lib/machine.js';
import { Progress } from './lib/progress.js';
import type { Results, Table } from './lib/results.js';
import { textOf, textOfGoals, tookText } from './lib/terminal.js';
import { packageVersions } from './peers/packages.js';
import { keepRun, saveSummary } from './report/save.js';
import { summaryOf } from './report/summary.js';
import { writeReport, writeTables } from './report/write.js';
import { SUITES } from './suites/index.js';
import type { Plan } from './suites/suite.js';

const FULL = { budgetMs: 12_000, minRounds: 9, longestMs: 5 * 60_000 };
const QUICK = { budgetMs: 600, minRounds: 9, longestMs: 30_000 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    goals: { type: 'boolean', default: false },
  },
});
const { quick: isQuick, only } = values;
const { longestMs, ...rounds } = isQuick ? QUICK : FULL;

if (values.list) {
  for (const { name, title } of SUITES) console.log(`${name.padEnd(14)} ${title}`);
} else if (values.report) {
  writeReport();
  if (values.save) writeTables();
} else await run();

async function run(): Promise<void> {
  const unknown = only.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(
      `unknown: ${unknown.join(', ')}; there are ${SUITES.map(({ name }) => name).join(', ')}`,
    );
    process.exitCode = 2;
    return;
  }
  const startedMs = performance.now();
  const [date, machine] = [new Date().toISOString(), describeMachine()];
  const { runtime, tables } = values.chromium ? await inChromium() : await here();
  const tookMs = Math.round(performance.now() - startedMs);
  const head = { format: 1, date, tookMs, mode: isQuick ? 'quick' : 'full', machine } as const;
  const results: Results = {
    ...head,
    runtime,
    commit: describeCommit(),
    packages: packageVersions(),
    tables,
  };
  const isWhole = only.length === 0;
  console.log(`\n${textOf(results)}\n`);
  if (values.goals) {
    // For a part of the bench, shows only the goals that it measured.
    const goals = goalsOf(results).filter(({ missing }) => isWhole || missing === undefined);
    console.log(`${textOfGoals(goals)}\n`);
  }
  console.log(tookText(results));
  if (tookMs > longestMs) {
    console.warn(
      `warning: that is longer than the ${longestMs / 1000} s that a ${results.mode} run may take`,
    );
  }
  if (isWhole) {
    keepRun(results);
    writeReport(results);
  }
  if (values.save) saveSummary(results);
  const [load = 0] = machine.load;
  if (load > machine.cores)
    console.warn(
      `warning: the machine was busy (load ${load} on ${machine.cores} cores), so these figures say little`,
    );
  const lines = summaryOf(results);
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
}

async function here(): Promise<Pick<Results, 'runtime' | 'tables'>> {
  const suites = SUITES.filter(({ name, isForFullRuns = false }) =>
    only.length === 0 ? !(isQuick && isForFullRuns) : only.includes(name),
  );
  console.log(sizesText(suites.length));
  const progress = new Progress(suites.length);
  const plan: Plan = { isQuick, ...rounds, onProgress: progress.within };
  const tables: Table[] = [];
  for (const suite of suites) {
    progress.begin(suite.title);
    tables.push(...(await suite.run(plan)));
    progress.end();
  }
  return { runtime: describeRuntime(), tables };
}

/** How much is measured, so that a reader knows how far to trust it. */
function sizesText(parts: number): string {
  const sizes = `${parts} of ${SUITES.length} parts, ${rounds.minRounds} rounds or more a table`;
  return isQuick ? `quick run: ${sizes}, half of the warming up` : `full run: ${sizes}`;
}

async function inChromium(): Promise<Pick<Results, 'runtime' | 'tables'>> {
  // Loaded here, because only Node can run it.
  const { runInChromium } = await import('./browser/chromium.js');
  return runInChromium({ isQuick, ...rounds }, only, (parts) => new Progress(parts));
}
