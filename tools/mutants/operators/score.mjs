// What came of the operator mutants, and which of those that live are known.
import { join } from 'node:path';
import { ROOT } from '../../lib/process.mjs';

/** What the last run of each file came to: `FileScore` by file. */
export const SCORE = join(ROOT, 'tools', 'mutants', 'operators', 'score.json');

/**
 * A mutant that no test noticed.
 *
 * @typedef {object} Survivor
 * @property {string} file
 * @property {string} line The line in which it begins, without its indent.
 * @property {string} from What stands there.
 * @property {string} to What the mutant has in its place.
 */

/** @typedef {{ readonly killed: number, readonly accepted: number, readonly unexplained: number }} FileScore */

const squeezed = (/** @type {string} */ text) => text.replace(/\s+/g, '');

/** @param {Survivor} a @param {Survivor} b */
export function isThis(a, b) {
  return (
    a.file === b.file &&
    a.line === b.line &&
    squeezed(a.from) === squeezed(b.from) &&
    squeezed(a.to) === squeezed(b.to)
  );
}

/** @param {readonly FileScore[]} files */
export function scoreOf(files) {
  const sum = (/** @type {keyof FileScore} */ of) =>
    files.reduce((total, file) => total + file[of], 0);
  const [killed, accepted, unexplained] = [sum('killed'), sum('accepted'), sum('unexplained')];
  const others = unexplained > 0 ? `, ${unexplained} live` : '';
  return `${killed} of ${killed + accepted + unexplained} mutants killed, ${accepted} accepted with a reason${others}`;
}
