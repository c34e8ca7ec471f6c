import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, isHidden } from './debian.mjs';
import { ROOT } from './root.js';

/** The first of these paths that is there. */
export const firstThatExists = (paths: readonly (string | undefined)[]): string | undefined =>
  isHidden() ? undefined : paths.find((path) => path !== undefined && existsSync(path));

/** The first of these programs on the PATH. */
export const onPath = (...programs: readonly string[]): string | undefined =>
  programs.map(findProgram).find((path) => path !== undefined);

/** Where `npm run test:slow` installs the runtimes. */
export const RUNTIMES_FOLDER = join(ROOT, 'test', 'runtimes', 'npm');

/** A file of a package of theirs. */
export const inPackage = (name: string, ...path: readonly string[]): string =>
  join(RUNTIMES_FOLDER, 'node_modules', name, ...path);

/**
 * A file of that one of a runtime's packages that is for this platform, by `linux-x64` and so on.
 */
export function inPlatformPackage(
  names: Readonly<Record<string, string>>,
  ...path: readonly string[]
): string | undefined {
  const name = names[`${process.platform}-${process.arch}`];
  return name === undefined ? undefined : inPackage(name, ...path);
}
