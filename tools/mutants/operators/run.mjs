// Puts a fault into each operator, condition and block of the TypeScript that decides, one after
// the other, and looks whether the tests notice. Stryker does it, in a copy of the repository.
//
//   node tools/mutants/operators/run.mjs [group | file]... [--save]
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { ROOT } from '../../lib/process.mjs';
import { ACCEPTED } from './accepted.mjs';
import { GROUPS } from './groups.mjs';
import { isThis, SCORE, scoreOf } from './score.mjs';

/** @typedef {import('@stryker-mutator/api/core').MutantResult} MutantResult */
/** @typedef {import('@stryker-mutator/api/core').PartialStrykerOptions} Options */
/** @typedef {import('./groups.mjs').Group} Group */
/** @typedef {import('./score.mjs').Survivor} Survivor */

/** Stryker's mutators that only spoil what people read, or take the compiler's place. */
const LEFT_OUT = ['StringLiteral'];

/** One that crashes or hangs its tests is noticed as well. */
const KILLED = new Set(['Killed', 'Timeout', 'RuntimeError']);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { save: { type: 'boolean' } },
});
process.chdir(ROOT);

/** @param {Group} group @param {string[]} mutate @param {Options} more */
function stryker({ suites, isAlone }, mutate, more) {
  process.env.TOTP_TOKEN_MUTANTS_SUITES = JSON.stringify(suites);
  return new Stryker({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tools/mutants/operators/vitest.config.ts', related: false },
    mutate,
    mutator: { plugins: null, excludedMutations: LEFT_OUT },
    tempDirName: 'build/mutants',
    ignorePatterns: ['biome.jsonc', 'coverage', 'build/runtimes', 'build/bench', 'bench/results'],
    concurrency: 1,
    maxTestRunnerReuse: isAlone === true ? 1 : 0,
    timeoutMS: 8000,
    allowEmpty: true,
    allowConsoleColors: false,
    reporters: [],
    warnings: false,
    ...more,
  }).runMutationTest();
}

/** @param {MutantResult} mutant */
const isStatic = ({ status, statusReason }) =>
  status === 'Ignored' && /static/i.test(statusReason ?? '');

/** @param {MutantResult} mutant */
function rangeOf({ fileName, location: { start, end } }) {
  return `${relative(ROOT, fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

/** @param {MutantResult} mutant */
const nameOf = (mutant) => `${rangeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`;

/**
 * Each mutant meets the tests that reach it. One that only loading the module reaches meets all of
 * them.
 *
 * @param {Group} group @param {string[]} files
 */
async function mutantsOf(group, files) {
  const all = await stryker(group, files, { coverageAnalysis: 'perTest', ignoreStatic: true });
  const still = new Set(all.filter(isStatic).map(nameOf));
  const ranges = [...new Set(all.filter(isStatic).map(rangeOf))];
  const again =
    ranges.length === 0 ? [] : await stryker(group, ranges, { coverageAnalysis: 'off' });
  return [
    ...all.filter((mutant) => mutant.status !== 'Ignored'),
    ...again.filter((mutant) => still.has(nameOf(mutant))),
  ];
}

/** @param {MutantResult} mutant @returns {Survivor} */
function survivorOf({ fileName, location: { start, end }, replacement = '' }) {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const from = [...lines.slice(0, -1), (lines.at(-1) ?? '').slice(0, end.column - 1)];
  return {
    file: relative(ROOT, fileName),
    line: (lines[0] ?? '').trim(),
    from: from.join('\n').slice(start.column - 1),
    to: replacement,
  };
}

/** @param {Survivor} survivor */
const oneLine = ({ from, to }) => [from, to].map((text) => text.replace(/\s+/g, ' ')).join('  →  ');

const score = JSON.parse(readFileSync(SCORE, 'utf8'));
let unexplained = 0;
for (const [name, group] of Object.entries(GROUPS)) {
  const chosen = group.files.filter(
    (path) => positionals.length === 0 || positionals.includes(name) || positionals.includes(path),
  );
  if (chosen.length === 0) continue;
  const mutants = await mutantsOf(group, chosen);
  for (const path of chosen) {
    const some = mutants.filter(({ fileName }) => relative(ROOT, fileName) === path);
    const survivors = some.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
    const unknown = survivors
      .map(survivorOf)
      .filter((each) => !ACCEPTED.some((known) => isThis(known, each)));
    score[path] = {
      killed: some.filter(({ status }) => KILLED.has(status)).length,
      accepted: survivors.length - unknown.length,
      unexplained: unknown.length,
    };
    unexplained += unknown.length;
    process.stdout.write(`${path}: ${scoreOf([score[path]])}\n`);
    for (const each of unknown)
      process.stdout.write(`  survived: ${each.line}\n            ${oneLine(each)}\n`);
  }
  if (values.save) writeFileSync(SCORE, `${JSON.stringify(score, null, 2)}\n`);
}
process.stdout.write(`${scoreOf(Object.values(score))}\n`);
if (unexplained > 0) process.exitCode = 1;
