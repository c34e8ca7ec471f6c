import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from '../../../.dev/lib/process.mjs';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin'];

/** The first of these paths that is there. */
export const firstThatExists = (paths: readonly (string | undefined)[]): string | undefined =>
  paths.find((path) => path !== undefined && existsSync(path));

/** The first of these programs on the PATH. */
export const onPath = (...programs: readonly string[]): string | undefined =>
  firstThatExists(programs.flatMap((program) => FOLDERS.map((folder) => join(folder, program))));

/** A file of an installed package. */
export const inPackage = (name: string, ...path: readonly string[]): string =>
  join(ROOT, 'node_modules', name, ...path);

/**
 * Looks for something, and where it may, as root on Debian, installs the packages that bring it.
 */
export function fromDebian(
  look: () => string | undefined,
  ...packages: readonly string[]
): string | undefined {
  const found = look();
  if (found !== undefined || process.getuid?.() !== 0 || onPath('apt-get') === undefined) return found;
  // A runlevel in which no service is started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends', ...args], {
      env,
    });
  if (apt('install', ...packages).status !== 0) {
    apt('update');
    apt('install', ...packages);
  }
  return look();
}
