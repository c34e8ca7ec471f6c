// Runs the checks and the tests. Arguments go to vitest; with any, what runs is the tests alone.
//
//   node tools/test.mjs fast | slow | all | coverage [arguments]
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkSources } from './lib/checks.mjs';
import { ensureRuntimes, ensureServers } from './lib/install.mjs';
import { forgetOutcome, outcomeFile, sayCounts, sayTimes } from './lib/outcome.mjs';
import { phase, takePhases } from './lib/phases.mjs';
import { program, ROOT, StepFailed } from './lib/process.mjs';
import { superviseVitest } from './lib/supervise.mjs';

const REPORTERS = ['./tools/reporter.mjs', './test/attacks/secrets/printed-reporter.ts'];

/**
 * What vitest is called with for each kind of run, whether the checks belong to it, and whether its
 * suites use other runtimes and browsers.
 */
const KINDS = {
  fast: { args: ['--project', 'fast*'], isChecked: true, usesRuntimes: false },
  slow: {
    args: ['--project', 'slow', '--passWithNoTests'],
    isChecked: false,
    usesRuntimes: true,
  },
  all: { args: [], isChecked: true, usesRuntimes: true },
  // Measuring takes its time.
  coverage: {
    args: ['--project', 'fast*', '--coverage', '--testTimeout', '300000'],
    isChecked: false,
    usesRuntimes: false,
  },
};

function sayWhatIsLeftOut() {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  const slow = files.filter(
    (name) => name.endsWith('.slow.test.ts') && !name.includes('node_modules'),
  );
  process.stdout.write(`left out: slow suites (${slow.length}), run by npm run test:slow\n`);
}

void program(async () => {
  const [kind = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(KINDS, kind)) {
    process.stderr.write(
      `usage: node tools/test.mjs ${Object.keys(KINDS).join(' | ')} [arguments]\n`,
    );
    throw new StepFailed('choosing the tests', 2);
  }
  const { args: own, isChecked, usesRuntimes } = KINDS[/** @type {keyof typeof KINDS} */ (kind)];
  takePhases();
  const runtimes = async () => {
    if (usesRuntimes) await phase('runtimes', ensureRuntimes);
  };
  // A part of the suite installs the servers that it needs by itself.
  const servers = async () => {
    if (args.length === 0) await phase('servers', ensureServers);
  };
  // They fail the run, and do not hold the tests up, which wait for processes now and then.
  /** @type {unknown} */
  let failure;
  const checks = async (/** @type {Record<string, string>} */ env) => {
    if (!isChecked || args.length > 0) return;
    await checkSources(env).catch((error) => {
      failure = error;
    });
  };
  const ready = await Promise.allSettled([runtimes(), servers()]);
  for (const each of ready) if (each.status === 'rejected') throw each.reason;
  if (kind === 'fast' && args.length === 0) sayWhatIsLeftOut();
  forgetOutcome(kind);
  const vitest = [...REPORTERS.map((name) => `--reporter=${name}`), ...own, ...args];
  const code = await phase('tests', () =>
    superviseVitest(vitest, { TOTP_TOKEN_COUNTS: outcomeFile(kind) }, checks),
  );
  sayTimes(kind);
  sayCounts([kind]);
  process.exitCode = code;
  // Its output is far above by now.
  if (failure !== undefined) throw failure;
});
