import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from '../../../tools/lib/process.mjs';
import { run } from './child.js';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin'];

/** The first of these paths that is there. */
export const firstThatExists = (paths: readonly (string | undefined)[]): string | undefined =>
  paths.find((path) => path !== undefined && existsSync(path));

/** The first of these programs on the PATH. */
export const onPath = (...programs: readonly string[]): string | undefined =>
  firstThatExists(programs.flatMap((program) => FOLDERS.map((folder) => join(folder, program))));

/** Where `npm test` installs the runtimes. */
export const RUNTIMES_FOLDER = join(ROOT, 'test', 'runtimes', 'npm');

/** A file of a package of theirs. */
export const inPackage = (name: string, ...path: readonly string[]): string =>
  join(RUNTIMES_FOLDER, 'node_modules', name, ...path);

/** A file of that one of a runtime's packages that is for this platform, by `linux-x64` and so on. */
export function inPlatformPackage(
  names: Readonly<Record<string, string>>,
  ...path: readonly string[]
): string | undefined {
  const name = names[`${process.platform}-${process.arch}`];
  return name === undefined ? undefined : inPackage(name, ...path);
}

/** Looks for something, and where it may, as root on Debian, installs the packages that bring it. */
export async function fromDebian(
  look: () => string | undefined,
  ...packages: readonly string[]
): Promise<string | undefined> {
  const apt = onPath('apt-get');
  if (look() !== undefined || process.getuid?.() !== 0 || apt === undefined) return look();
  // A runlevel in which no service is started.
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, timeoutMs: 300_000 };
  const flags = ['-o', 'DPkg::Lock::Timeout=240', '-y', '--no-install-recommends'];
  const install = () => run(apt, [...flags, 'install', ...packages], options);
  try {
    // A fresh system has no list of packages yet.
    await install().catch(() => run(apt, [...flags, 'update'], options).then(install));
  } catch {
    // Without a network, say. What is missing is named by who asked.
  }
  return look();
}
