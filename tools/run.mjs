// Runs a task of this repository from any state of it, a fresh clone too: installs and builds first what is missing.
//
//   node tools/run.mjs TASK [arguments for the task's last tool]
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApi } from './lib/api.mjs';
import { buildBench } from './lib/bench.mjs';
import { benchRuntimes } from './lib/bench-runtimes.mjs';
import { build } from './lib/build.mjs';
import { ensureRuntimes } from './lib/install.mjs';
import { buildPage } from './lib/page.mjs';
import { program, ROOT, StepFailed, step, tool } from './lib/process.mjs';
import { writeRuntimesTable } from './runtimes-table.mjs';
import { writeSpeedTable } from './speed-table.mjs';

/** Of the last run of each kind. @param {string} kind */
const countsFile = (kind) => join(ROOT, 'build', `test-counts-${kind}.json`);
const KINDS = ['fast', 'slow'];

/** How often a command looks whether who started it is there. */
const PARENT_MS = 500;

/** What package.json calls, by name. Each gets the arguments that follow the task's name. */
const TASKS = {
  start: (/** @type {string[]} */ args) => {
    build();
    buildPage();
    const command = ['gateway', '--dev', '--page', join(ROOT, 'build', 'page'), ...args];
    runCommand(command);
  },
  demo: (/** @type {string[]} */ args) => {
    build();
    runCommand(['demo', ...args]);
  },
  test: (/** @type {string[]} */ args) => {
    build();
    checkSources();
    sayWhatIsLeftOut();
    for (const kind of KINDS) rmSync(countsFile(kind), { force: true });
    runTests('fast', ['--project', 'fast*', ...args]);
  },
  check: (/** @type {string[]} */ args) => {
    build({ isForced: true });
    checkSources();
    runTests('all', args);
  },
  lint: () => {
    build({ isWasmOnly: true });
    lint();
  },
  types: () => {
    // All of it: some suites import the package by its name, so its declarations must be there.
    build();
    checkTypes();
  },
  'test:slow': (/** @type {string[]} */ args) => {
    build();
    runTests('slow', ['--project', 'slow', '--passWithNoTests', ...args]);
  },
  // Of npm test and npm run test:slow, one after the other, for CI.
  counts: () => sayCounts(KINDS),
  coverage: (/** @type {string[]} */ args) => {
    build();
    // Measuring takes its time.
    runTests('coverage', ['--project', 'fast*', '--coverage', '--testTimeout', '300000', ...args]);
  },
  fuzz: (/** @type {string[]} */ args) => {
    build();
    const seconds = process.env.TOTP_TOKEN_FUZZ_SECONDS ?? '60';
    step('fuzz', tool('vitest', ['run', '--project', 'fast*', join('test', 'fuzz'), ...args]), {
      loud: true,
      env: { TOTP_TOKEN_FUZZ_SECONDS: seconds },
    });
  },
  bench: (/** @type {string[]} */ args) => {
    build();
    buildBench();
    const file = join(ROOT, 'build', 'bench', 'main.js');
    step(
      'bench',
      { file: process.execPath, args: ['--expose-gc', file, ...args], shell: false },
      { loud: true },
    );
    writeSpeedTable();
  },
  'bench:runtimes': (/** @type {string[]} */ args) => {
    build();
    buildBench();
    ensureRuntimes();
    benchRuntimes(args);
  },
  'bench:guards': (/** @type {string[]} */ args) => runBench('guards', args),
  'bench:gateway': (/** @type {string[]} */ args) => runBench('gateway', args),
  soak: (/** @type {string[]} */ args) => runBench('soak', args),
  ct: (/** @type {string[]} */ args) => runBench('ct', args),
  api: () => {
    build({ isWasmOnly: true });
    buildApi();
  },
  mutants: (/** @type {string[]} */ args) => {
    build();
    const file = join(ROOT, 'tools', 'mutants', 'run.mjs');
    step('mutants', { file: process.execPath, args: [file, ...args], shell: false }, { loud: true });
  },
  'mutants:ts': (/** @type {string[]} */ args) => {
    build();
    const file = join(ROOT, 'tools', 'mutants', 'operators', 'run.mjs');
    step('mutants:ts', { file: process.execPath, args: [file, ...args], shell: false }, { loud: true });
  },
  page: (/** @type {string[]} */ args) => {
    build();
    buildPage();
    const config = ['--config', 'bench/page/vite.config.ts', '--host', '127.0.0.1', '--strictPort'];
    step('page', tool('vite', ['preview', ...config, ...args]), { loud: true });
  },
  runtimes: (/** @type {string[]} */ args) => {
    build();
    ensureRuntimes();
    rmSync(join(ROOT, 'build', 'runtimes'), { recursive: true, force: true });
    const vitest = ['run', '--project', 'fast*', join('test', 'runtimes', 'runtimes.test.ts'), ...args];
    step('runtimes', tool('vitest', vitest), { loud: true, env: { TOTP_TOKEN_TIMINGS: '1' } });
    writeRuntimesTable();
  },
  format: () => {
    build({ isWasmOnly: true });
    step('format', tool('@biomejs/biome', ['check', '--write', '--error-on-warnings']), { loud: true });
  },
};

/**
 * The command of this package, as it was built, in this process: signals reach it without a detour.
 * @param {string[]} args
 */
function runCommand(args) {
  const file = join(ROOT, 'dist', 'cli', 'main.js');
  process.argv.splice(1, Infinity, file, ...args);
  endWithParent();
  void import(pathToFileURL(file).href);
}

/** npm gives a signal to the shell that it runs scripts by, and that shell ends without passing it on. */
function endWithParent() {
  const parent = process.ppid;
  const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
  setInterval(look, PARENT_MS).unref();
}

/**
 * A program of bench/ that has a folder and a page of its own.
 * @param {string} folder
 * @param {string[]} args
 */
function runBench(folder, args) {
  build();
  buildBench();
  const file = join(ROOT, 'build', 'bench', folder, 'main.js');
  step(folder, { file: process.execPath, args: [file, ...args], shell: false }, { loud: true });
}

function checkSources() {
  lint();
  checkTypes();
}

function lint() {
  step('format and lint', tool('@biomejs/biome', ['check', '--error-on-warnings']));
  step('import rules', tool('dependency-cruiser', ['src', '--config', '.dependency-cruiser.mjs']));
}

function checkTypes() {
  const cache = ['--incremental', '--tsBuildInfoFile', 'build/types.tsbuildinfo'];
  step('types', tool('typescript', ['-p', 'tsconfig.json', ...cache], 'tsc'));
  step('types of the page', tool('typescript', ['-p', 'bench/page'], 'tsc'));
}

function sayWhatIsLeftOut() {
  const slow = readdirSync(join(ROOT, 'test'), { recursive: true }).filter((name) =>
    `${name}`.endsWith('.slow.test.ts'),
  );
  if (slow.length > 0)
    process.stdout.write(`left out: slow suites (${slow.length}), run by npm run test:slow\n`);
}

/**
 * @param {string} kind
 * @param {readonly string[]} args
 */
function runTests(kind, args) {
  ensureRuntimes();
  const counts = countsFile(kind);
  rmSync(counts, { force: true });
  const ours = ['./tools/counts-reporter.mjs', './test/attacks/secrets/printed-reporter.ts'];
  const reporters = ['default', ...ours].map((name) => `--reporter=${name}`);
  process.on('exit', () => sayCounts([kind]));
  step('tests', tool('vitest', ['run', ...reporters, ...args]), {
    loud: true,
    env: { TOTP_TOKEN_COUNTS: counts },
  });
}

/**
 * Prints what was not run, and the line that CI reads: alone, and the last one even after the report of a failure.
 * @param {readonly string[]} kinds
 */
function sayCounts(kinds) {
  const runs = kinds
    .map(countsFile)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  if (runs.length === 0) return;
  const sum = (/** @type {string} */ state) => runs.reduce((count, run) => count + run[state], 0);
  for (const line of new Set(runs.flatMap(({ notRun }) => notRun))) process.stdout.write(`${line}\n`);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
}

program(() => {
  const [name = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(TASKS, name)) {
    process.stderr.write(`unknown task: ${name}; there are ${Object.keys(TASKS).join(', ')}\n`);
    throw new StepFailed('choosing a task', 2);
  }
  TASKS[/** @type {keyof typeof TASKS} */ (name)](args);
});
