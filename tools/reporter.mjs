// The reporter of `npm test`. It prints one line for each file, and failures with their expected
// values at the end. Only a terminal shows the running tests. The data of the closing lines go into
// a file, because those lines are printed last.
import { writeFileSync } from 'node:fs';
import { DefaultReporter } from 'vitest/node';
import { seconds } from './lib/process.mjs';

const SIGNS = { passed: '✓', failed: '✗', skipped: '-', queued: ' ', pending: ' ' };

/** How many of the slowest files are named. */
const SLOWEST = 10;

/**
 * The outcome of a run.
 *
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {Record<string, number>} notRun How many tests lacked what a line names: `not run:
 *   nginx (how to get it)`.
 * @property {{ file: string, ms: number }[]} slowest Files, the slowest one first.
 */

export default class FileReporter extends DefaultReporter {
  /**
   * Prints one line for a file. Its tests are named only if they failed, and then at the end.
   *
   * @override
   * @param {import('vitest/node').TestModule} module
   */
  printTestModule(module) {
    if (['queued', 'pending'].includes(module.state())) return;
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const test of module.children.allTests()) counts[test.result().state]++;
    const parts = Object.entries(counts).flatMap(([state, count]) =>
      count > 0 ? `${count} ${state}` : [],
    );
    const time = seconds(module.diagnostic().duration);
    this.log(`${SIGNS[module.state()]} ${module.relativeModuleId} (${parts.join(', ')}) ${time}`);
  }

  /**
   * @override
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest/node').SerializedError[]} unhandledErrors
   * @param {import('vitest/node').TestRunEndReason} reason
   */
  onTestRunEnd(modules, unhandledErrors, reason) {
    super.onTestRunEnd(modules, unhandledErrors, reason);
    const path = process.env.TOTP_TOKEN_COUNTS;
    if (path) writeFileSync(path, JSON.stringify(outcomeOf(modules, unhandledErrors)));
  }
}

/**
 * A file that does not load, a suite whose hook throws and an error outside all tests each count as
 * a failed test. Otherwise a broken run could end with "0 failed".
 *
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {readonly unknown[]} unhandledErrors
 * @returns {Outcome}
 */
function outcomeOf(modules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  /** @type {Record<string, number>} */
  const notRun = {};
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      if (suite.errors().length > 0) counts.failed++;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'passed' || state === 'failed' ? state : 'skipped']++;
      const note = state === 'skipped' ? noteOf(test) : undefined;
      if (note !== undefined) notRun[note] = (notRun[note] ?? 0) + 1;
    }
  }
  const slowest = modules
    .map((module) => ({ file: module.relativeModuleId, ms: module.diagnostic().duration }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST);
  return { ...counts, notRun, slowest };
}

/**
 * Why a test was not run: its own note, or the note of its suite.
 *
 * @param {import('vitest/node').TestCase} test
 * @returns {string | undefined}
 */
function noteOf(test) {
  const { note } = /** @type {{ note?: string }} */ (test.result());
  if (note?.startsWith('not run: ')) return note;
  /** @type {import('vitest/node').TestSuite | import('vitest/node').TestModule} */
  let suite = test.parent;
  for (;;) {
    const { notRun } = suite.meta();
    if (notRun !== undefined) return notRun;
    if (suite.type === 'module') return undefined;
    suite = suite.parent;
  }
}
