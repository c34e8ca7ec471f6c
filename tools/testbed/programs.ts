import { findProgram, install } from './debian.mjs';
import { notRun } from './not-run.js';

/**
 * The path of a program from a Debian package, which is installed first where it may be.
 *
 * @param program - Relative to a folder of programs.
 * @throws {NotRun} It is not there: see `notRun`.
 */
export function fromDebian(program: string, packageName: string): string {
  if (findProgram(program) === undefined) install(packageName);
  return (
    findProgram(program) ?? notRun(program.replace(/^.*\//, ''), `apt-get install ${packageName}`)
  );
}

/** Looks for something, and installs the packages that bring it where that may be. */
export function orInstalled(
  look: () => string | undefined,
  ...packages: string[]
): string | undefined {
  if (look() === undefined) install(...packages);
  return look();
}
