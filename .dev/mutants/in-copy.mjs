// Runs in the copy that run.mjs made.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, ROOT, StepFailed, tool } from '../lib/process.mjs';
import { compileWasm, embedWasm, VARIANTS } from '../lib/wasm.mjs';
import { MUTANTS } from './all.mjs';
import { matchesOf, mutated } from './mutant.mjs';

/** @typedef {import('./mutant.mjs').Mutant} Mutant */

/** What a mutant meets that its own suites let live. */
const ALL_SUITES = ['test/assembly', 'test/token', 'test/mac', 'test/otp', 'test/replay/guarded-verifier.test.ts'];

/** @param {Mutant} mutant */
const variantOf = ({ file, build = 'core' }) =>
  file.startsWith('assembly/') ? VARIANTS.find(({ name }) => name === build) : undefined;

/** A mutant may never end; the slowest of these suites takes a tenth of it. */
const LONGEST_MS = 300_000;

/** Whether these suites all pass. @param {readonly string[]} suites */
function pass(suites) {
  const { file, args } = tool('vitest', ['run', '--project', 'fast', '--bail', '1', ...suites]);
  // A group of its own: a worker in an endless loop outlives vitest.
  const options = { cwd: ROOT, stdio: /** @type {const} */ ('ignore'), timeout: LONGEST_MS, detached: true };
  const { status, error, pid } = spawnSync(file, args, options);
  if (error === undefined) return status === 0;
  if (!('code' in error) || error.code !== 'ETIMEDOUT') throw error;
  process.kill(-pid, 'SIGKILL');
  return false;
}

/** Builds a module of the core into the sources and into `dist/`, which the threads of a pool run. @param {{ name: string }} variant */
function rebuild(variant) {
  const variants = VARIANTS.filter(({ name }) => name === variant.name);
  compileWasm(variants);
  embedWasm(variants);
  const file = join('wasm', `${variant.name}-bytes`);
  const text = readFileSync(join(ROOT, 'src', `${file}.ts`), 'utf8');
  writeFileSync(join(ROOT, 'dist', `${file}.js`), text);
}

/** @param {Mutant} mutant @returns {'killed' | 'killed by other suites' | 'survived' | 'does not compile'} */
function fateOf(mutant) {
  const path = join(ROOT, mutant.file);
  const right = readFileSync(path, 'utf8');
  const variant = variantOf(mutant);
  writeFileSync(path, mutated(mutant));
  try {
    if (variant !== undefined) rebuild(variant);
    if (!pass(mutant.tests)) return 'killed';
    return pass(ALL_SUITES) ? 'survived' : 'killed by other suites';
  } catch (error) {
    if (error instanceof StepFailed) return 'does not compile';
    throw error;
  } finally {
    writeFileSync(path, right);
  }
}

program(() => {
  const words = process.argv.slice(2);
  const chosen = Object.entries(MUTANTS).flatMap(([group, mutants]) =>
    mutants
      .filter(({ name }) => words.every((word) => `${group}: ${name}`.includes(word)))
      .map((mutant) => ({ group, mutant })),
  );
  const misplaced = chosen.filter(({ mutant }) => matchesOf(mutant) !== 1);
  for (const { mutant } of misplaced) console.error(`does not match once: ${mutant.name}`);
  if (misplaced.length > 0 || chosen.length === 0) throw new StepFailed('choosing mutants', 2);

  // Suites that fail anyway would kill whatever they are given.
  for (const variant of VARIANTS) rebuild(variant);
  const suites = [...new Set(chosen.flatMap(({ mutant }) => mutant.tests))];
  if (!pass(suites)) throw new StepFailed('the suites without a mutant', 1);

  let killed = 0;
  /** The module that holds the last mutant of the core. @type {string | undefined} */
  let spoilt;
  for (const { group, mutant } of chosen) {
    const variant = variantOf(mutant);
    // What the one before left in the core.
    for (const other of VARIANTS) if (other.name === spoilt && other.name !== variant?.name) rebuild(other);
    spoilt = variant?.name;
    const fate = fateOf(mutant);
    if (fate.startsWith('killed')) killed++;
    console.log(`${fate}: ${group}: ${mutant.name}`);
  }
  console.log(`${killed} of ${chosen.length} mutants killed`);
  if (killed < chosen.length) throw new StepFailed('mutants', 1);
});
