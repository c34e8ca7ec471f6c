// The fuzzer that coverage guides: build/fuzz/guided.js.
import { renew } from './fingerprint.mjs';
import { step } from './process.mjs';

/** @type {import('./fingerprint.mjs').Product} */
const FUZZ = {
  name: 'fuzz',
  inputs: [
    'src',
    'test/fuzz',
    'test/unit/token',
    'build/core.wasm',
    'tools/fuzz-bundle.mjs',
    'tools/lib/instrument.mjs',
    'node_modules/esbuild/package.json',
  ],
  outputs: ['build/fuzz'],
};

/** Makes the fuzzer if it is out of date. */
export function buildFuzz() {
  const command = { file: process.execPath, args: ['tools/fuzz-bundle.mjs'], shell: false };
  renew(FUZZ, () => step('build/fuzz', command));
}
