import { findProgram, install } from './debian.mjs';
import { notRun } from './not-run.js';

/**
 * The path of a program from a Debian package. Installs the package first if that is allowed.
 *
 * @param program - The program, relative to a folder of programs.
 * @throws {NotRun} The program is missing: see `notRun`.
 */
export function fromDebian(program: string, packageName: string): string {
  if (findProgram(program) === undefined) install(packageName);
  return (
    findProgram(program) ?? notRun(program.replace(/^.*\//, ''), `apt-get install ${packageName}`)
  );
}

/** Looks for something. If it is missing, installs its packages and looks again. */
export function orInstalled(
  look: () => string | undefined,
  ...packages: string[]
): string | undefined {
  if (look() === undefined) install(...packages);
  return look();
}
