// Runs the benchmark and writes its results: see README.md in the sources' folder.
//
//   npm run bench [-- --quick] [--only NAME]... [--list] [--save]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goalsOf } from './goals.js';
import { describeCommit, describeMachine, describeRuntime } from './lib/machine.js';
import { RESULTS } from './lib/paths.js';
import { Progress } from './lib/progress.js';
import type { Results, Table } from './lib/results.js';
import { textOf } from './lib/terminal.js';
import { packageVersions } from './peers/index.js';
import { writeReport } from './report/write.js';
import { SUITES } from './suites/index.js';
import type { Plan } from './suites/suite.js';

const FULL = { budgetMs: 12_000, minRounds: 9 };
const QUICK = { budgetMs: 1200, minRounds: 3 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

if (values.list) {
  for (const { name, title } of SUITES) console.log(`${name.padEnd(14)} ${title}`);
} else {
  await run();
}

async function run(): Promise<void> {
  const { quick: isQuick, only } = values;
  const unknown = only.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(', ')}; there are ${SUITES.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const suites = SUITES.filter(({ name }) => only.length === 0 || only.includes(name));
  const progress = new Progress(suites.length);
  const plan: Plan = { isQuick, ...(isQuick ? QUICK : FULL), onProgress: progress.within };
  const machine = describeMachine();
  const tables: Table[] = [];
  for (const suite of suites) {
    progress.begin(suite.title);
    tables.push(...(await suite.run(plan)));
    progress.end();
  }
  const results: Results = {
    format: 1,
    date: new Date().toISOString(),
    mode: isQuick ? 'quick' : 'full',
    machine,
    runtime: describeRuntime(),
    commit: describeCommit(),
    packages: packageVersions(),
    tables,
    goals: goalsOf(tables),
  };
  console.log(`\n${textOf(results)}\n`);
  if (only.length === 0 || values.save) await save(results);
}

async function save(results: Results): Promise<void> {
  const { date, runtime, mode } = results;
  const name = `${date.slice(0, 10)}-${runtime.name.toLowerCase()}-${runtime.version}${mode === 'quick' ? '-quick' : ''}.json`;
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, name), `${compact(results)}\n`);
  console.log(`written: bench/results/${name}`);
  console.log(`written: ${await writeReport()}`);
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
