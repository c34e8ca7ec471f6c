/**
 * Compiles the core from the bytes inside this package. Some runtimes cannot compile, and their
 * build tools refuse code that might. For those, a condition in `package.json` maps `#core` to
 * another of these files.
 */
import { instantiateSync } from '@assemblyscript/loader';
import { compileHex, compileHexNow } from './compile.js';
import { CORE_WASM_HEX } from './core-bytes.js';

export const compileCore = (): Promise<WebAssembly.Module> => compileHex(CORE_WASM_HEX);

export const compileCoreNow = (): WebAssembly.Module => compileHexNow(CORE_WASM_HEX);

/**
 * Returns the plain exports. The loader's wrappers would cost an argument array for each call, and
 * the core does not need them.
 */
export const instantiate = (
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports => instantiateSync(module, imports).instance.exports;
