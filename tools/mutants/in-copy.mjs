// Runs in the copy that run.mjs made.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { ROOT, tool } from '../lib/process.mjs';
import { embedWasm, VARIANTS } from '../lib/wasm.mjs';
import { MUTANTS } from './all.mjs';
import { matchesOf, mutated } from './mutant.mjs';

/** @typedef {import('./mutant.mjs').Mutant} Mutant */
/** @typedef {(typeof VARIANTS)[number]} Variant */

/** What a mutant meets that its own suites let live. */
const ALL_SUITES = [
  'test/unit/assembly',
  'test/unit/token',
  'test/unit/mac',
  'test/unit/otp',
  'test/unit/guards/guarded-verifier.test.ts',
  'test/unit/guards/guarded-steps.test.ts',
];

/** @param {Mutant} mutant */
const variantOf = ({ file, build = 'core' }) =>
  file.startsWith('assembly/') ? VARIANTS.find(({ name }) => name === build) : undefined;

/** A mutant may never end; the slowest of these suites takes a tenth of it. */
const LONGEST_MS = 300_000;

/**
 * npm writes this anew whenever it installs. The copy has the packages by a link only, and an
 * install takes them away.
 */
const PACKAGES = join(ROOT, 'node_modules', '.package-lock.json');
const packagesAt = () => statSync(PACKAGES, { throwIfNoEntry: false })?.mtimeMs;

/** Whether these suites all pass. @param {readonly string[]} suites */
function pass(suites) {
  const { file, args } = tool('vitest', ['run', '--project', 'fast*', '--bail', '1', ...suites]);
  // A group of its own: a worker in an endless loop outlives vitest.
  const options = {
    cwd: ROOT,
    stdio: /** @type {const} */ ('ignore'),
    timeout: LONGEST_MS,
    detached: true,
  };
  const { status, error, pid } = spawnSync(file, args, options);
  if (error === undefined) return status === 0;
  if (!('code' in error) || error.code !== 'ETIMEDOUT') throw error;
  process.kill(-pid, 'SIGKILL');
  return false;
}

/**
 * Builds a module of the core into the sources and into `dist/`, which the threads of a pool run.
 *
 * The compiler runs in this process, where it gets quicker with each mutant.
 *
 * @param {Variant} variant
 * @param {boolean} isQuick As the published core is built, or with fewer optimizations.
 * @throws {Error} It does not compile.
 */
async function rebuild({ name, target, entries }, isQuick) {
  const files = ['--outFile', `build/${name}.wasm`, '--textFile', `build/${name}.wat`];
  const config = ['--config', 'asconfig.json', '--target', target, ...(isQuick ? ['-O1'] : [])];
  const { error, stderr } = await asc.main([...entries, ...config, ...files]);
  if (error !== null) throw new Error(stderr.toString());
  embedWasm();
  const bytes = join('wasm', `${name}-bytes`);
  writeFileSync(
    join(ROOT, 'dist', `${bytes}.js`),
    readFileSync(join(ROOT, 'src', `${bytes}.ts`), 'utf8'),
  );
}

/** @param {Mutant} mutant @returns {Promise<'killed' | 'killed by other suites' | 'survived'>} */
async function fateOf(mutant) {
  const path = join(ROOT, mutant.file);
  const right = readFileSync(path, 'utf8');
  const variant = variantOf(mutant);
  writeFileSync(path, mutated(mutant));
  try {
    // Some suites read the compiler's text.
    const isQuick = !mutant.tests.some((suite) => /constant-time|branches/.test(suite));
    if (variant !== undefined) await rebuild(variant, isQuick);
    if (!pass(mutant.tests)) return 'killed';
    if (variant !== undefined && isQuick) await rebuild(variant, false);
    return pass(ALL_SUITES) ? 'survived' : 'killed by other suites';
  } finally {
    writeFileSync(path, right);
  }
}

const words = process.argv.slice(2);
const chosen = Object.entries(MUTANTS).flatMap(([group, mutants]) =>
  mutants
    .filter(({ name }) => words.every((word) => `${group}: ${name}`.includes(word)))
    .map((mutant) => ({ group, mutant })),
);
const misplaced = chosen.filter(({ mutant }) => matchesOf(mutant) !== 1);
if (misplaced.length > 0)
  throw new Error(`they do not match once: ${misplaced.map(({ mutant }) => mutant.name)}`);
if (chosen.length === 0) throw new Error(`no mutant is called ${words.join(' ')}`);

// Suites that fail anyway would kill whatever they are given.
const suites = [...new Set(chosen.flatMap(({ mutant }) => mutant.tests))];
const installedAt = packagesAt();
if (!pass(suites)) throw new Error('some of the suites fail without a mutant');

/** The module that holds the last mutant of the core. @type {Variant | undefined} */
let spoilt;
let killed = 0;
for (const { group, mutant } of chosen) {
  const variant = variantOf(mutant);
  if (spoilt !== undefined && spoilt !== variant) await rebuild(spoilt, false);
  spoilt = variant;
  const fate = await fateOf(mutant);
  // Suites that cannot start fail as well, and would count as kills.
  if (packagesAt() !== installedAt)
    throw new Error(`packages were installed during ${group}: ${mutant.name}`);
  if (fate !== 'survived') killed++;
  process.stdout.write(`${fate}: ${group}: ${mutant.name}\n`);
}
if (spoilt !== undefined) await rebuild(spoilt, false);
if (!pass(suites))
  throw new Error('some of the suites fail without a mutant after the run: no kill counts');
process.stdout.write(`${killed} of ${chosen.length} mutants killed\n`);
if (killed < chosen.length) process.exitCode = 1;
