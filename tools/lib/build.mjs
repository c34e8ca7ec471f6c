// What is built, from what, and when: the Wasm core into build/, the package into dist/.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isCurrent, renewed } from './fingerprint.mjs';
import { ensureInstalled } from './install.mjs';
import { ROOT, startStep, tool } from './process.mjs';
import { binary, bytesModule, compileWasm, embedWasm, VARIANTS } from './wasm.mjs';

/** The files that tell the versions of packages. @param {readonly string[]} names */
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
    ...VARIANTS.map(binary),
    ...manifests('esbuild'),
  ],
  outputs: ['dist'],
};

/** What the compiler made of src/, kept for the next time. */
const COMPILED = join(ROOT, 'build', 'compiled');
const COMPILER_STATE = join(COMPILED, '.tsbuildinfo');

/**
 * What importing a .wasm file gives in the runtimes that allow it and compile nothing themselves,
 * such as workerd.
 */
const MODULE_TYPES = `declare const module: WebAssembly.Module;
export default module;
`;

/**
 * Makes whatever is not made of the present sources.
 *
 * @param {{ isWasmOnly?: boolean, isForced?: boolean }} [options]
 */
export async function build({ isWasmOnly = false, isForced = false } = {}) {
  ensureInstalled();
  if (isForced) rmSync(COMPILED, { recursive: true, force: true });
  await renewed(WASM, makeWasm, isForced);
  if (!isWasmOnly) await renewed(DIST, makeDist, isForced);
}

/** Whether build/ and dist/ are made of the present sources. */
export const isBuilt = () => isCurrent(WASM) && isCurrent(DIST);

async function makeWasm() {
  await compileWasm();
  embedWasm();
}

async function makeDist() {
  const next = join(ROOT, 'build', 'dist');
  const dist = join(ROOT, 'dist');
  rmSync(next, { recursive: true, force: true });
  await compileSources();
  cpSync(COMPILED, next, { recursive: true, filter: (path) => path !== COMPILER_STATE });
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const variant of VARIANTS) {
    const module = `${variant.name}.wasm`;
    if (!Object.hasOwn(exports, `./${module}`)) continue;
    copyFileSync(join(ROOT, binary(variant)), join(next, module));
    writeFileSync(join(next, `${module}.d.ts`), MODULE_TYPES);
  }
  makeStandalone(next);
  const command = join(next, 'cli', 'main.js');
  if (existsSync(command)) chmodSync(command, 0o755);
  // Replaced as a whole: no file of an earlier build is left, and a build that failed has touched
  // nothing.
  rmSync(dist, { recursive: true, force: true, maxRetries: 5 });
  renameSync(next, dist);
}

/** Only what changed is compiled. A file whose source is gone, the compiler leaves where it is. */
async function compileSources() {
  const cache = ['--incremental', '--tsBuildInfoFile', COMPILER_STATE, '--outDir', COMPILED];
  await startStep('dist', tool('typescript', ['-p', 'tsconfig.build.json', ...cache], 'tsc'));
  for (const file of readdirSync(COMPILED, { recursive: true, encoding: 'utf8' })) {
    const source = join(ROOT, 'src', file.replace(/(\.d\.ts|\.js)$/, '.ts'));
    const isOutput = /\.(js|d\.ts)$/.test(file);
    if (isOutput && !existsSync(source)) rmSync(join(COMPILED, file));
  }
}

/** The main entry with all that it imports as one file, for pages without a bundler. @param {string} dist */
function makeStandalone(dist) {
  // Not an import: this file is loaded before the packages are installed.
  /** @type {typeof import('esbuild')} */
  const esbuild = createRequire(import.meta.url)('esbuild');
  esbuild.buildSync({
    entryPoints: [join(dist, 'index.js')],
    outfile: join(dist, 'standalone.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // package.json maps it to dist/, which is not there yet.
    alias: { '#core': join(dist, 'wasm', 'core-source.js') },
    logLevel: 'error',
  });
  writeFileSync(join(dist, 'standalone.d.ts'), "export * from './index.js';\n");
}
