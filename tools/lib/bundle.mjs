// Makes the bundles of dist/: the command, the gateway and the Redis guard. They contain the
// packages that they use, so these need not be installed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { bundledPackages, METAFILES, noticesOf } from './notices.mjs';
import { ROOT } from './process.mjs';

/** @typedef {import('esbuild').BuildOptions} BuildOptions */
/** @typedef {import('esbuild').Plugin} Plugin */

const SRC = join(ROOT, 'src');
/** Where the bundles will be, for the paths in their maps. They are made elsewhere. */
const DIST = join(ROOT, 'dist');

/** Compact output that keeps the names of functions, with lines short enough for stack traces. */
const COMPACT = {
  bundle: true,
  format: /** @type {const} */ ('esm'),
  metafile: /** @type {const} */ (true),
  write: /** @type {const} */ (false),
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  // Prefers the form of packages that allows tree shaking.
  mainFields: ['module', 'main'],
  // THIRD-PARTY-NOTICES.txt has the whole licences.
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('error'),
  absWorkingDir: ROOT,
  // Keeps the names of packages in node_modules, which may be a link.
  preserveSymlinks: true,
};

/** Maps name the sources and do not contain them. They are in the repository. */
const MAPPED = { sourcemap: /** @type {const} */ ('linked'), sourcesContent: false };

/** CommonJS packages load Node's modules with `require`, which does not exist in a module. */
const REQUIRE = `import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);`;

/** zod contains messages in fifty languages. The schemas of this package need only English. */
const ENGLISH = /** @type {Plugin} */ ({
  name: 'english',
  setup({ onResolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer, resolveDir }) =>
      /[\\/]node_modules[\\/]zod[\\/]/.test(importer)
        ? { path: join(resolveDir, '..', 'locales', 'en.js'), sideEffects: false }
        : undefined,
    );
  },
});

/**
 * Maps lead to the lines of this package's sources. For other packages they name only the file,
 * which makes them a third as large. esbuild uses the map at the end of an input file.
 */
const OWN_MAPS = /** @type {Plugin} */ ({
  name: 'own-maps',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' });
      const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
      const text = (await readFile(path, 'utf8')).replace(/^\/\/# sourceMappingURL=.*/gm, '');
      return { contents: `${text}\n//# sourceMappingURL=${url}`, loader: 'default' };
    });
  },
});

/**
 * Does not bundle this package's own modules outside `folder`, because two copies of a class would
 * be two classes.
 *
 * @param {string} folder A folder in src/ and in dist/.
 * @returns {Plugin}
 */
const onlyInside = (folder) => ({
  name: 'only-inside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
      const target = join(resolveDir, path);
      const isOurs = importer.startsWith(SRC + sep);
      if (!isOurs || target.startsWith(join(SRC, folder) + sep)) return undefined;
      const from = relative(join(SRC, folder), target).split(sep).join('/');
      return { path: from, external: true };
    });
  },
});

/**
 * Makes the bundles, and the notices of the packages in them.
 *
 * @param {string} folder The folder that becomes dist/.
 */
export async function makeBundles(folder) {
  // Not an import, because this file is loaded before the packages are installed.
  /** @type {typeof import('esbuild')} */
  const esbuild = createRequire(import.meta.url)('esbuild');
  const { version, dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const peers = Object.keys(peerDependencies);

  const command = /** @satisfies {BuildOptions} */ ({
    ...COMPACT,
    entryPoints: [join(SRC, 'cli', 'main.ts')],
    platform: 'node',
    target: 'node20',
    external: peers,
    alias: { '#core': join(SRC, 'wasm', 'core-source.ts') },
    define: { TOTP_TOKEN_VERSION: JSON.stringify(version) },
    banner: { js: REQUIRE },
    plugins: [ENGLISH, OWN_MAPS],
  });
  /** @param {string} name A folder with an entry point. */
  const entry = (name) =>
    /** @satisfies {BuildOptions} */ ({
      ...COMPACT,
      ...MAPPED,
      entryPoints: [join(SRC, name, 'index.ts')],
      outfile: join(DIST, name, 'index.js'),
      target: 'es2022',
      external: [...peers, ...Object.keys(dependencies), 'node:*'],
      plugins: [onlyInside(name), ENGLISH, OWN_MAPS],
    });

  const bundles = {
    // In several files, so that a short command loads only what it needs.
    command: { ...command, ...MAPPED, splitting: true, outdir: join(DIST, 'cli') },
    // In one file, which can be copied alone. It has no map, because the map would not be copied.
    'one-file': { ...command, outfile: join(DIST, 'totp-token.mjs') },
    gateway: { ...entry('gateway'), platform: /** @type {const} */ ('neutral') },
    redis: { ...entry('guards/redis'), platform: /** @type {const} */ ('node') },
  };

  rmSync(join(ROOT, METAFILES), { recursive: true, force: true });
  const metafiles = await Promise.all(
    Object.entries(bundles).map(async ([name, options]) => {
      const { metafile, outputFiles } = await esbuild.build(options);
      for (const { path, contents } of outputFiles)
        put(join(folder, relative(DIST, path)), contents);
      put(join(ROOT, METAFILES, `${name}.json`), JSON.stringify(metafile));
      return metafile;
    }),
  );
  put(join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesOf(bundledPackages(metafiles)));
}

/**
 * Writes a file into a folder, which is made if it does not exist. @param {string} path @param
 * {string | Uint8Array} contents
 */
function put(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

/**
 * Returns files with all files that they import. Code imports code, and types import types.
 *
 * @param {readonly string[]} entries Paths in one folder, of `.js` and `.d.ts`.
 * @param {(file: string) => string} textOf Returns the text of a file.
 * @returns {Set<string>}
 */
export function reached(entries, textOf) {
  const files = new Set(entries);
  for (const file of files) {
    const extension = file.endsWith('.d.ts') ? '.d.ts' : '.js';
    for (const [, path = ''] of textOf(file).matchAll(RELATIVE_IMPORT)) {
      files.add(join(dirname(file), path).replace(/\.js$/, extension));
    }
  }
  return files;
}

/** The forms that TypeScript and esbuild write; `new URL` names a worker. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*["'](\.[^"']+\.js)["']/g;
