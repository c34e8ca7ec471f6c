// The outcome of a test run, and its closing lines.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { phasesLine } from './phases.mjs';
import { ROOT, seconds } from './process.mjs';

/** @typedef {import('../reporter.mjs').Outcome} Outcome */

/** The file with the outcome of the last run of a kind. @param {string} kind */
export const outcomeFile = (kind) => join(ROOT, 'build', `test-counts-${kind}.json`);

/** @param {string} kind */
export const forgetOutcome = (kind) => rmSync(outcomeFile(kind), { force: true });

/** @param {string} kind @returns {Outcome | undefined} Undefined if the run did not finish. */
export function readOutcome(kind) {
  const file = outcomeFile(kind);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Prints how the time of a run was spent. @param {string} kind */
export function sayTimes(kind) {
  const lines = (readOutcome(kind)?.slowest ?? []).map(
    ({ file, ms }) => `  ${seconds(ms).padStart(8)}  ${file}\n`,
  );
  if (lines.length > 1) process.stdout.write(`slowest files:\n${lines.join('')}`);
  process.stdout.write(`phases: ${phasesLine()}\n`);
}

/**
 * Prints the tests that were not run, each reason once, and then the line that CI reads. It must be
 * the last line.
 *
 * @param {readonly string[]} kinds
 */
export function sayCounts(kinds) {
  const outcomes = kinds.map(readOutcome).filter((outcome) => outcome !== undefined);
  if (outcomes.length < kinds.length) process.stderr.write('a run did not come to its end\n');
  if (outcomes.length === 0) return;
  /** @type {Map<string, number>} */
  const notRun = new Map();
  for (const outcome of outcomes) {
    for (const [line, count] of Object.entries(outcome.notRun))
      notRun.set(line, (notRun.get(line) ?? 0) + count);
  }
  for (const [line, count] of notRun) {
    process.stdout.write(`${line}: ${count} ${count === 1 ? 'promise' : 'promises'} not checked\n`);
  }
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ state) =>
    outcomes.reduce((count, outcome) => count + outcome[state], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
}
