import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt } from '../../tools/lib/build.mjs';
import { renew } from '../../tools/lib/fingerprint.mjs';
import { npm, ROOT } from '../../tools/lib/process.mjs';
import { run } from './run.js';

/** A tarball made by `npm pack`: where it is, and its files as npm counted them. */
export interface Tarball {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly mode: number;
  }[];
}

/** Runs npm without a network and without scripts, and returns its standard output. */
export function runNpm(args: readonly string[], cwd: string = ROOT): string {
  const command = npm([...args, '--offline', '--ignore-scripts', '--loglevel=error']);
  return run(command.file, command.args, cwd, command.shell);
}

/** Packs installed or own packages into `folder`, in one run of npm. */
function pack(packageFolders: readonly string[], folder: string): Tarball[] {
  // Scripts are off: `prepack` would rebuild dist/ while other suites use it.
  const report = JSON.parse(
    runNpm(['pack', ...packageFolders, '--json', '--pack-destination', folder]),
  );
  return Object.values(report as Record<string, { filename: string; files: Tarball['files'] }>).map(
    ({ filename, files }) => {
      const path = join(folder, filename);
      return { path, bytes: readFileSync(path), files };
    },
  );
}

/** The files that `npm pack` reads. */
const PACKED = {
  name: 'packed',
  inputs: [
    ...['dist', 'docs', 'package.json', 'LICENSE', 'README.md', 'ARCHITECTURE.md'],
    ...['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ],
  outputs: ['build/packed.tgz'],
};

/** The path of a tarball of this package, made once for all suites that install it. */
export function packedOnce(): string {
  if (!isBuilt()) throw new Error(NOT_BUILT);
  const path = join(ROOT, 'build', 'packed.tgz');
  renew(PACKED, () => {
    const folder = mkdtempSync(join(ROOT, 'build', 'packed-'));
    // Another suite may do the same at this moment.
    renameSync(packThis(folder).path, path);
    rmSync(folder, { recursive: true });
  });
  return path;
}

const NOT_BUILT = 'dist/ is not made of the present sources: run npm run build';

/** Packs this package as it would be published. */
export function packThis(folder: string): Tarball {
  if (!isBuilt()) throw new Error(NOT_BUILT);
  return pack([ROOT], folder)[0]!;
}
