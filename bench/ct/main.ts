// Measures whether checks take the same time for every place of a fault in a token: see README.md,
// "Constant time".
//
//   npm run ct [-- --samples N] [--only NAME]... [--save]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine, describeRuntime } from '../lib/machine.js';
import { RESULTS } from '../lib/paths.js';
import { runProgram } from '../lib/run-program.js';
import type { Outcome } from './dudect.js';
import { SUBJECTS, type Subject } from './subjects.js';

/** dudect's own bound for "definitely not constant time". Below it, no leak was found. */
const LEAKS_FROM = 10;
const SAMPLES = 3_000_000;

type Row = Pick<Subject, 'name' | 'title' | 'kind'> & Outcome & { readonly isAsExpected: boolean };

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: String(SAMPLES) },
    only: { type: 'string', multiple: true, default: [] },
    save: { type: 'boolean', default: false },
  },
});

const rows: Row[] = [];
for (const { name, title, kind } of SUBJECTS) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  const outcome = await runProgram<Outcome>('ct/one', { name, samples: Number(values.samples) });
  const row = {
    name,
    title,
    kind,
    ...outcome,
    isAsExpected: kind === 'public' || outcome.maxT >= LEAKS_FROM === (kind === 'leaks'),
  };
  rows.push(row);
  print(row);
}
if (values.save) save();
if (!rows.every(({ isAsExpected }) => isAsExpected)) process.exitCode = 1;

function print({ title, samples, meanNs: [a, b], t, maxT, test, isAsExpected, kind }: Row): void {
  const found = maxT >= LEAKS_FROM ? 'leaks' : 'no leak found';
  const control = {
    ours: '',
    public: ', of what was sent',
    leaks: ', a control',
    constant: ', a control',
  }[kind];
  console.log(title);
  console.log(
    `  ${found}${control}${isAsExpected ? '' : ', NOT AS EXPECTED'}: |t| ${maxT.toFixed(1)} (${test}); over all ` +
      `${samples.toLocaleString('en')} measurements t ${t.toFixed(1)}, means ${a.toFixed(1)} and ${b.toFixed(1)} ns`,
  );
}

function save(): void {
  const { name, version, engine } = describeRuntime();
  const date = new Date().toISOString();
  const results = {
    date,
    machine: describeMachine(),
    runtime: { name, version, engine },
    commit: describeCommit(),
    leaksFrom: LEAKS_FROM,
    rows,
  };
  mkdirSync(RESULTS, { recursive: true });
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  writeFileSync(join(RESULTS, 'ct.json'), `${JSON.stringify(results, rounded, 1)}\n`);
  console.log('written: bench/results/ct.json');
}
