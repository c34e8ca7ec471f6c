// The bench: TypeScript to build/bench/, file by file. Types are checked with everything else, by `npm run types`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { renew } from './fingerprint.mjs';
import { ROOT } from './process.mjs';

/** @type {import('./fingerprint.mjs').Product} */
const BENCH = {
  name: 'bench',
  inputs: ['bench', 'tsconfig.json', 'tools/lib/bench.mjs', 'node_modules/typescript/package.json'],
  outputs: ['build/bench'],
};

/** Makes build/bench/ if it is not made of the present sources. */
export function buildBench() {
  // Not an import: this file is loaded before the packages are installed.
  /** @type {typeof import('typescript')} */
  const typescript = createRequire(import.meta.url)('typescript');
  const { compilerOptions } = typescript.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
    readFileSync(path, 'utf8'),
  ).config;
  // File by file, the compiler cannot know that package.json says modules.
  const { options } = typescript.convertCompilerOptionsFromJson(
    { ...compilerOptions, module: 'ESNext' },
    ROOT,
  );
  renew(BENCH, () => {
    rmSync(join(ROOT, 'build', 'bench'), { recursive: true, force: true });
    for (const file of sources()) {
      const text = readFileSync(join(ROOT, 'bench', file), 'utf8');
      const target = join(ROOT, 'build', 'bench', file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(
        target,
        typescript.transpileModule(text, { compilerOptions: options, fileName: file }).outputText,
      );
    }
  });
}

function sources() {
  return readdirSync(join(ROOT, 'bench'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.(browser|d)\.ts$/.test(file) && !file.startsWith('page'),
  );
}
