// Bundles test/fuzz/guided.ts with all targets and the instrumented sources into one file for Node.
import { readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { COUNTERS, countingCoreSource, typescriptInstrumenter } from './lib/instrument.mjs';
import { ROOT } from './lib/process.mjs';

const SOURCES = join(ROOT, 'src') + sep;
const instrument = typescriptInstrumenter();

/** @type {import('esbuild').Plugin} */
const instrumented = {
  name: 'instrumented',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^#core$/ }, () => ({ path: '#core', namespace: 'counting' }));
    onLoad({ filter: /^#core$/, namespace: 'counting' }, async () => ({
      contents: await countingCoreSource(),
      resolveDir: ROOT,
    }));
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      path.startsWith(SOURCES)
        ? { contents: instrument(readFileSync(path, 'utf8'), path), loader: 'js' }
        : undefined,
    );
    // Published files, and files that find the repository by their own path, are not bundled.
    onResolve({ filter: /\/(?:dist|\tools)\// }, ({ path, resolveDir }) => ({
      path: pathToFileURL(resolve(resolveDir, path)).href,
      external: true,
    }));
  },
};

await build({
  entryPoints: [join(ROOT, 'test', 'fuzz', 'guided.ts')],
  outfile: join(ROOT, 'build', 'fuzz', 'guided.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  banner: { js: `const __hit = new Uint8Array(${COUNTERS});` },
  footer: { js: 'await main(__hit);' },
  plugins: [instrumented],
  logLevel: 'warning',
});
