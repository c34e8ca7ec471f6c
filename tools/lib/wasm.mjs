// The Wasm core: AssemblyScript to build/*.wasm, and its bytes as a source file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, startStep, tool } from './process.mjs';

/**
 * The modules that are built, one a line: the name decides the files and the constant that carries
 * the bytes, the target is one of asconfig.json, whose entry point the others come to.
 */
export const VARIANTS = [
  { name: 'core', target: 'release', entries: [] },
  { name: 'core-shared', target: 'shared', entries: ['assembly/shared.ts'] },
];

/** @param {{ name: string }} variant */
export const binary = ({ name }) => `build/${name}.wasm`;

/** @param {{ name: string }} variant */
export const bytesModule = ({ name }) => `src/wasm/${name}-bytes.ts`;

/** Compiles every variant into build/, as a binary and as text, all at once. */
export async function compileWasm() {
  const compile = (/** @type {(typeof VARIANTS)[number]} */ { name, target, entries }) => {
    const files = ['--outFile', `build/${name}.wasm`, '--textFile', `build/${name}.wat`];
    const args = [...entries, '--config', 'asconfig.json', '--target', target, ...files];
    return startStep(`build/${name}.wasm`, tool('assemblyscript', args, 'asc'));
  };
  await Promise.all(VARIANTS.map(compile));
}

/**
 * Writes each module's bytes into a source file, so that the library needs no file and no fetch to
 * start. As hex, which gzip and brotli press to 3 KiB less than base64, since what repeats stays
 * alike. The type is `string`: that of the literal would be its 63 kB again.
 */
export function embedWasm() {
  for (const variant of VARIANTS) {
    const constant = `${variant.name.toUpperCase().replaceAll('-', '_')}_WASM_HEX`;
    const hex = readFileSync(join(ROOT, binary(variant))).toString('hex');
    const text = `// Generated from ${binary(variant)} by tools/build.mjs: not for editing, not for committing.
export const ${constant}: string =
  '${hex}';
`;
    const path = join(ROOT, bytesModule(variant));
    mkdirSync(dirname(path), { recursive: true });
    // An unchanged file keeps its time, so that watchers sleep on.
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
}
