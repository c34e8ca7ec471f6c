import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from './dist.js';
import { programFile, SCRATCH } from './paths.js';

const COPIES = join(SCRATCH, `copies-${process.pid}`);

/** The types, and the large bundles of a build of the library that its main entry does not reach. */
const LEFT_OUT = /\.d\.ts$|\.map$|[\\/](?:cli|gateway|standalone\.js|totp-token\.mjs)$/;

let copies = 0;

/** Imports modules of one copy of a folder, by their path in it without the ending. */
export type Importer = <T>(file: string) => Promise<T>;

/**
 * Copies a folder of the bench's modules, or the library, to be imported with code of its own.
 *
 * An application verifies in one way, and its JIT compiles the code for that one. Candidates of one
 * process that share code spoil it for each other: a call site that sees many targets is not
 * inlined, and what is specialised for one candidate's types is thrown away for the next one's.
 */
export function freshCopy(folder: 'peers' | 'ways' | 'library'): Importer {
  if (copies === 0) {
    mkdirSync(COPIES, { recursive: true });
    process.once('exit', () => rmSync(COPIES, { recursive: true, force: true }));
  }
  const copy = join(COPIES, `${copies++}`);
  const from = folder === 'library' ? DIST : dirname(programFile(`${folder}/any`));
  cpSync(from, copy, { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
  return (file) => import(pathToFileURL(join(copy, `${file}.js`)).href);
}
