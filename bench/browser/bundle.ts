import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { DIST } from '../lib/dist.js';
import { ROOT } from '../lib/paths.js';

const BENCH = join(ROOT, 'bench');

/** Replaces `x.ts` by `x.browser.ts`, if that exists. */
const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, resolveDir }) => {
      const other = join(resolveDir, path.replace(/\.js$/, '.browser.ts'));
      return existsSync(other) ? { path: other } : undefined;
    });
  },
};

/**
 * Bundles the page, the peers and the library into separate modules, as an application would.
 *
 * @returns The files by name, such as `peers/noble-hmac.js`.
 */
export async function bundleForBrowsers(): Promise<Map<string, Uint8Array>> {
  const peers = readdirSync(join(BENCH, 'peers'))
    .filter((file) => /^[\w-]+\.ts$/.test(file))
    .map((file) => basename(file, '.ts'));
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(BENCH, 'browser', 'page.ts'), out: 'page' },
      { in: join(BENCH, 'ways', 'ways.ts'), out: 'ways/ways' },
      { in: join(DIST, 'index.js'), out: 'library/index' },
      ...peers.map((name) => ({ in: join(BENCH, 'peers', `${name}.ts`), out: `peers/${name}` })),
    ],
    outdir: '/',
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // A peer that needs one of these does not load, and is left out with that reason.
    external: ['node:*', 'buffer'],
    plugins: [forBrowsers],
    // With the repository's settings, the core of src/ would be used.
    tsconfigRaw: {},
    logLevel: 'error',
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [join('.', dirname(path), basename(path)), contents]),
  );
}
