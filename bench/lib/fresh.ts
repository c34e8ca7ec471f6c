import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from './dist.js';
import { programFile, SCRATCH } from './paths.js';

const COPIES = join(SCRATCH, `copies-${process.pid}`);

let copies = 0;

/** Imports modules of one copy of a folder, by their path in it without the ending. */
export type Importer = <T>(file: string) => Promise<T>;

/**
 * Copies a folder of the bench's modules, or the library, so that it can be imported as separate
 * code.
 *
 * An application verifies in one way, and the JIT compiles the code for that way. Candidates in one
 * process that share code disturb each other: a call site with many targets is not inlined, and
 * code that is specialised for one candidate's types is dropped for the next one.
 */
export function freshCopy(folder: 'peers' | 'ways' | 'library'): Importer {
  if (copies === 0) {
    mkdirSync(COPIES, { recursive: true });
    process.once('exit', () => rmSync(COPIES, { recursive: true, force: true }));
  }
  const copy = join(COPIES, `${copies++}`);
  const from = folder === 'library' ? DIST : dirname(programFile(`${folder}/any`));
  cpSync(from, copy, { recursive: true, filter: (path) => !/\.d\.ts$|[\\/]cli$/.test(path) });
  return (file) => import(pathToFileURL(join(copy, `${file}.js`)).href);
}
