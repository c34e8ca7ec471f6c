// Compiles the bench to build/bench/, file by file. `npm run types` checks its types with all
// others.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { renew } from './fingerprint.mjs';
import { ROOT } from './process.mjs';

/** @type {import('./fingerprint.mjs').Product} */
const BENCH = {
  name: 'bench',
  inputs: [
    'bench',
    'tools/testbed',
    'tsconfig.json',
    'tools/lib/bench.mjs',
    'node_modules/typescript/package.json',
  ],
  outputs: ['build/bench', 'build/tools'],
};

/** Makes build/bench/ if it is out of date. */
export function buildBench() {
  // Not an import, because this file is loaded before the packages are installed.
  /** @type {typeof import('typescript')} */
  const typescript = createRequire(import.meta.url)('typescript');
  const { compilerOptions } = typescript.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
    readFileSync(path, 'utf8'),
  ).config;
  // When it compiles single files, the compiler does not see that package.json sets modules.
  const { options } = typescript.convertCompilerOptionsFromJson(
    { ...compilerOptions, module: 'ESNext' },
    ROOT,
  );
  renew(BENCH, () => {
    for (const made of BENCH.outputs) rmSync(join(ROOT, made), { recursive: true, force: true });
    for (const file of sources()) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const target = join(ROOT, 'build', file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const { outputText } = typescript.transpileModule(text, {
        compilerOptions: options,
        fileName: file,
      });
      writeFileSync(target, file.endsWith('.mjs') ? text : outputText);
    }
  });
}

/**
 * The files of the bench, and the helpers that it shares with the tests. Files of tools/ go to
 * build/tools/.
 */
function sources() {
  return ['bench', join('tools', 'testbed')].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|mjs)$/.test(file) && !/\.(browser|d)\.ts$/.test(file))
      .filter((file) => !file.startsWith('page'))
      .map((file) => join(folder, file)),
  );
}
