import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, isHidden } from './debian.mjs';
import { ROOT } from './root.js';

/** The first of these paths that exists. */
export const firstThatExists = (paths: readonly (string | undefined)[]): string | undefined =>
  isHidden() ? undefined : paths.find((path) => path !== undefined && existsSync(path));

/** The first of these programs on the PATH. */
export const onPath = (...programs: readonly string[]): string | undefined =>
  programs.map(findProgram).find((path) => path !== undefined);

/** The folder in which `npm run test:slow` installs the runtimes. */
export const RUNTIMES_FOLDER = join(ROOT, 'test', 'runtimes', 'npm');

/** The path of a file in a package of the runtimes. */
export const inPackage = (name: string, ...path: readonly string[]): string =>
  join(RUNTIMES_FOLDER, 'node_modules', name, ...path);

/**
 * The path of a file in the package for this platform. The packages are named by platform, such as
 * `linux-x64`.
 */
export function inPlatformPackage(
  names: Readonly<Record<string, string>>,
  ...path: readonly string[]
): string | undefined {
  const name = names[`${process.platform}-${process.arch}`];
  return name === undefined ? undefined : inPackage(name, ...path);
}
