import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from './dist.js';
import { programFile, SCRATCH } from './paths.js';

const COPIES = join(SCRATCH, `copies-${process.pid}`);
/** A module that a module imports from beside it, or through a manifest. */
const NEIGHBOUR = /["'](\.{1,2}\/[\w./-]+\.js)["']/g;

let copies = 0;

/** Imports modules of one copy of a folder, by their path in it without the ending. */
export type Importer = <T>(file: string) => Promise<T>;

/**
 * Copies modules of a folder of the bench, or of the library, so that they can be imported as
 * separate code.
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
  mkdirSync(copy);
  copyReached(from, copy, 'package.json');
  return (file) => {
    copyReached(from, copy, `${file}.js`);
    return import(pathToFileURL(join(copy, `${file}.js`)).href);
  };
}

/** Copies a file and the modules that it leads to, and no others: a run makes many copies. */
function copyReached(from: string, to: string, file: string): void {
  if (!existsSync(join(from, file)) || existsSync(join(to, file))) return;
  mkdirSync(dirname(join(to, file)), { recursive: true });
  copyFileSync(join(from, file), join(to, file));
  for (const [, neighbour = ''] of readFileSync(join(from, file), 'utf8').matchAll(NEIGHBOUR))
    copyReached(from, to, join(dirname(file), neighbour));
}
