import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT, SCRATCH } from '../lib/paths.js';

type Finder = typeof import('../../test/runtimes/lib/chromium.js');

/** A Chromium and what it needs in its environment, as the tests find one. */
export async function findChromium(): ReturnType<Finder['findChromium']> {
  mkdirSync(SCRATCH, { recursive: true });
  const outfile = join(SCRATCH, `chromium-${process.pid}.mjs`);
  const steps = pathToFileURL(join(ROOT, 'tools', 'lib', 'process.mjs')).href;
  await build({
    entryPoints: [join(ROOT, 'test', 'runtimes', 'lib', 'chromium.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    plugins: [
      {
        name: 'in-its-place',
        setup({ onResolve }) {
          // It finds the repository by where it is.
          onResolve({ filter: /\/process\.mjs$/ }, () => ({ path: steps, external: true }));
        },
      },
    ],
  });
  const finder: Finder = await import(pathToFileURL(outfile).href);
  return finder.findChromium();
}
