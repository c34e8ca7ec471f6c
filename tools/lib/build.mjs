// The products of the build and their inputs: the Wasm core in build/, and the package in dist/.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { makeBundles, reached } from './bundle.mjs';
import { isCurrent, renewed } from './fingerprint.mjs';
import { ensureInstalled } from './install.mjs';
import { METAFILES } from './notices.mjs';
import { ROOT, startStep, tool } from './process.mjs';
import { binary, bytesModule, compileWasm, embedWasm, VARIANTS } from './wasm.mjs';

/** The files with the versions of packages. @param {readonly string[]} names */
const manifests = (...names) => names.map((name) => `node_modules/${name}/package.json`);

/** @type {import('./fingerprint.mjs').Product} */
const WASM = {
  name: 'wasm',
  inputs: [
    'assembly',
    'asconfig.json',
    'tools/lib/wasm.mjs',
    ...manifests('assemblyscript', 'binaryen'),
  ],
  outputs: VARIANTS.flatMap((variant) => [binary(variant), bytesModule(variant)]),
};

/** @type {import('./fingerprint.mjs').Product} */
const DIST = {
  name: 'dist',
  inputs: [
    'src',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'package-lock.json',
    'tools/lib/build.mjs',
    'tools/lib/bundle.mjs',
    'tools/lib/notices.mjs',
    ...VARIANTS.map(binary),
    ...manifests('esbuild', 'typescript-native'),
  ],
  outputs: ['dist', METAFILES],
};

/** The compiler's output for src/, kept for the next build. */
const COMPILED = join(ROOT, 'build', 'compiled');
const COMPILER_STATE = join(COMPILED, '.tsbuildinfo');

/**
 * The types of an imported .wasm file in runtimes that allow such imports and cannot compile, such
 * as workerd. A project without the DOM's types may have no type for modules.
 */
const MODULE_TYPES = `declare global {
  namespace WebAssembly {
    interface Module {}
  }
}
declare const module: WebAssembly.Module;
export default module;
`;

/**
 * Makes all products that are out of date.
 *
 * @param {{ isWasmOnly?: boolean, isForced?: boolean }} [options]
 */
export async function build({ isWasmOnly = false, isForced = false } = {}) {
  ensureInstalled();
  if (isForced) rmSync(COMPILED, { recursive: true, force: true });
  await renewed(WASM, makeWasm, isForced);
  if (!isWasmOnly) await renewed(DIST, makeDist, isForced);
}

/** Whether build/ and dist/ are up to date. */
export const isBuilt = () => isCurrent(WASM) && isCurrent(DIST);

async function makeWasm() {
  await compileWasm();
  embedWasm();
}

async function makeDist() {
  const next = join(ROOT, 'build', 'dist');
  const dist = join(ROOT, 'dist');
  rmSync(next, { recursive: true, force: true });
  const { exports, imports, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  await Promise.all([compileSources(), makeBundles(next)]);
  copyReached(next, targetsOf([exports, imports]));
  for (const variant of VARIANTS) {
    const module = `${variant.name}.wasm`;
    if (!Object.hasOwn(exports, `./${module}`)) continue;
    copyFileSync(join(ROOT, binary(variant)), join(next, module));
    writeFileSync(join(next, `${module}.d.ts`), MODULE_TYPES);
  }
  makeStandalone(next);
  chmodSync(join(next, within(bin['totp-token'])), 0o755);
  // dist/ is replaced as a whole, so no file of an earlier build is left, and a failed build
  // changes nothing.
  rmSync(dist, { recursive: true, force: true, maxRetries: 5 });
  renameSync(next, dist);
}

/** A path of package.json, `./dist/index.js`, within dist/. @param {string} target */
const within = (target) => target.replace('./dist/', '');

/** The files of dist/ that a part of package.json names. @param {unknown} part @returns {string[]} */
function targetsOf(part) {
  if (typeof part !== 'string')
    return Object.values(/** @type {object} */ (part)).flatMap(targetsOf);
  return part.startsWith('./dist/') ? [within(part)] : [];
}

/**
 * Copies the compiled modules and types that package.json's entry points reach. The sources of the
 * bundles are left out, because they import packages that are not installed with this one.
 *
 * @param {string} next The folder with the bundles, which are not changed.
 * @param {readonly string[]} targets
 */
function copyReached(next, targets) {
  const placeOf = (/** @type {string} */ file) =>
    join(existsSync(join(next, file)) ? next : COMPILED, file);
  const entries = targets.filter((file) => /\.(js|d\.ts)$/.test(file) && existsSync(placeOf(file)));
  for (const file of reached(entries, (name) => readFileSync(placeOf(name), 'utf8'))) {
    if (placeOf(file) === join(next, file)) continue;
    mkdirSync(dirname(join(next, file)), { recursive: true });
    copyFileSync(join(COMPILED, file), join(next, file));
  }
}

/**
 * Compiles only changed files. The compiler keeps outputs whose source is gone, so they are removed
 * here.
 */
async function compileSources() {
  const cache = ['--incremental', '--tsBuildInfoFile', COMPILER_STATE, '--outDir', COMPILED];
  await startStep(
    'dist',
    tool('typescript-native', ['-p', 'tsconfig.build.json', ...cache], 'tsc'),
  );
  for (const file of readdirSync(COMPILED, { recursive: true, encoding: 'utf8' })) {
    const source = join(ROOT, 'src', file.replace(/(\.d\.ts|\.js)$/, '.ts'));
    const isOutput = /\.(js|d\.ts)$/.test(file);
    if (isOutput && !existsSync(source)) rmSync(join(COMPILED, file));
  }
}

/** The main entry with all that it imports as one file, for pages without a bundler. @param {string} dist */
function makeStandalone(dist) {
  // Not an import, because this file is loaded before the packages are installed.
  /** @type {typeof import('esbuild')} */
  const esbuild = createRequire(import.meta.url)('esbuild');
  esbuild.buildSync({
    entryPoints: [join(dist, 'index.js')],
    outfile: join(dist, 'standalone.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // package.json maps it to dist/, which does not exist yet.
    alias: { '#core': join(dist, 'wasm', 'core-source.js') },
    logLevel: 'error',
  });
  writeFileSync(join(dist, 'standalone.d.ts'), "export * from './index.js';\n");
}
