import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin'];

const find = (program: string) =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));

/**
 * The path of a program from a Debian package, which is installed first where it may be: as root, on Debian.
 *
 * @throws {Error} It is not there; the message says what to install.
 */
export function fromDebian(program: string, packageName: string): string {
  const found = find(program);
  if (found !== undefined) return found;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && find('apt-get') !== undefined) {
    // A runlevel in which no service is started: the test starts what it needs.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const apt = (...args: string[]) =>
      spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-y', '--no-install-recommends', ...args], {
        env,
      });
    if (apt('install', packageName).status !== 0) {
      apt('update');
      apt('install', packageName);
    }
  }
  const installed = find(program);
  if (installed !== undefined) return installed;
  throw new Error(
    `${program} is missing, which this test needs; run as root: apt-get install ${packageName}`,
  );
}
