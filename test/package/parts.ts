/** What is in the package, by the manifests and by the metafiles of esbuild. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { METAFILES } from '../../tools/lib/notices.mjs';
import { ROOT } from '../../tools/lib/process.mjs';

export const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
export const { dependencies, peerDependencies, devDependencies } = JSON.parse(
  read('package.json'),
) as Record<'dependencies' | 'peerDependencies' | 'devDependencies', Record<string, string>>;
export const installed = Object.keys(dependencies);
export const peers = Object.keys(peerDependencies);

/** The folders of packages whose code is in a bundle, by the metafiles of esbuild. */
export const bundled = [
  ...new Set(
    readdirSync(join(ROOT, METAFILES)).flatMap((file) => {
      const { outputs } = JSON.parse(read(METAFILES, file)) as Metafile;
      return Object.values(outputs)
        .flatMap(({ inputs }) => Object.entries(inputs))
        .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('node_modules'))
        .map(([path]) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)![0]);
    }),
  ),
].sort();
export const nameOf = (path: string) => path.replace('node_modules/', '');

export interface Locked {
  readonly dev?: boolean;
  readonly license?: string;
  readonly version?: string;
}
export const locked: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages;
