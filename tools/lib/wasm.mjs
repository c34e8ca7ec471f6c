// Compiles the Wasm core to build/*.wasm, and writes its bytes into a source file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, startStep, tool } from './process.mjs';

/**
 * The modules to build, one on each line. The name determines the files and the constant with the
 * bytes. The target is in asconfig.json. Entries are added to the target's entry point.
 */
export const VARIANTS = [
  { name: 'core', target: 'release', entries: [] },
  { name: 'core-shared', target: 'shared', entries: ['assembly/shared.ts'] },
];

/** @param {{ name: string }} variant */
export const binary = ({ name }) => `build/${name}.wasm`;

/** @param {{ name: string }} variant */
export const bytesModule = ({ name }) => `src/wasm/${name}-bytes.ts`;

/** Compiles all variants at the same time into build/, as binary and as text. */
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
 * start. The bytes are in hex, which compresses to 3 KiB less than base64, because repetitions stay
 * equal. The type is `string`, because a literal type would repeat its 63 kB.
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
    // An unchanged file is not written, so that watchers do not wake up.
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
}
