// Measures how long the core takes to compile and to instantiate in a fresh process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST } from '../lib/dist.js';
import type { Start } from './messages.js';

const bytes = readFileSync(join(DIST, 'core.wasm'));
const startedMs = performance.now();
const module = new WebAssembly.Module(bytes);
const compiledMs = performance.now();
new WebAssembly.Instance(module, {});
const instantiatedMs = performance.now();

const start: Start = {
  wasmBytes: bytes.length,
  compileMs: compiledMs - startedMs,
  instantiateMs: instantiatedMs - compiledMs,
};
process.stdout.write(JSON.stringify(start));
