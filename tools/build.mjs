// Builds what the sources changed.
//
//   node tools/build.mjs [--wasm-only] [--force]
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { program } from './lib/process.mjs';

const { values } = parseArgs({
  options: { 'wasm-only': { type: 'boolean' }, force: { type: 'boolean' } },
});

void program(() =>
  build({ isWasmOnly: values['wasm-only'] ?? false, isForced: values.force ?? false }),
);
