// Runs the checks and the tests. Arguments go to vitest. With arguments, only the tests run.
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
 * For each kind of run, the arguments of vitest, whether the checks run too, and whether its suites
 * use other runtimes and browsers.
 */
const KINDS = {
  fast: { args: ['--project', 'fast*'], isChecked: true, usesRuntimes: false },
  slow: {
    args: ['--project', 'slow', '--passWithNoTests'],
    isChecked: false,
    usesRuntimes: true,
  },
  all: { args: [], isChecked: true, usesRuntimes: true },
  // Measuring coverage is slow.
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
  // If only a part of the suite runs, its tests install the servers that they need.
  const servers = async () => {
    if (args.length === 0) await phase('servers', ensureServers);
  };
  // A failed check fails the run but does not stop the tests. The checks use the time in which
  // tests wait for processes.
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
  // The output of the check is far above by now.
  if (failure !== undefined) throw failure;
});
