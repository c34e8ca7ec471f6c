import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCRATCH } from './paths.js';

const COPIES = join(SCRATCH, `copies-${process.pid}`);

let copies = 0;

/**
 * Copies a folder of modules and gives the URL of a file in it, to be imported with code of its own.
 *
 * An application verifies in one way, and its JIT compiles the code for that one. Candidates of one process that
 * share code spoil it for each other: a call site that sees many targets is not inlined, and what is specialised for
 * one candidate's types is thrown away for the next one's.
 */
export function freshCopy(folder: string, file: string): string {
  if (copies === 0) {
    mkdirSync(COPIES, { recursive: true });
    process.once('exit', () => rmSync(COPIES, { recursive: true, force: true }));
  }
  const copy = join(COPIES, `${copies++}`);
  cpSync(folder, copy, { recursive: true, filter: (path) => !/\.d\.ts$|[\\/]cli$/.test(path) });
  return pathToFileURL(join(copy, file)).href;
}
