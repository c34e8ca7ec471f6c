// What a mutant is, and how it is put into its file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/process.mjs';

/**
 * One fault in one file.
 *
 * @typedef {object} Mutant
 * @property {string} name What is wrong then.
 * @property {string} file Below the repository's folder.
 * @property {string} find Stands in the file exactly once.
 * @property {string} replace
 * @property {readonly string[]} tests The suites that should notice. One that survives them meets
 *   all of `test/unit/assembly`, `test/unit/token`, `test/unit/mac` and `test/unit/otp` too.
 * @property {'core' | 'core-shared'} [build] Which module of the core to build, for `assembly/`.
 *   Default: `core`.
 */

/** How often the text that a mutant replaces stands in its file. @param {Mutant} mutant */
export function matchesOf({ file, find }) {
  return readFileSync(join(ROOT, file), 'utf8').split(find).length - 1;
}

/** The file with its fault. @param {Mutant} mutant */
export function mutated({ file, find, replace }) {
  return readFileSync(join(ROOT, file), 'utf8').replace(find, () => replace);
}
