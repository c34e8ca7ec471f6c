/**
 * Where the core comes from: the bytes inside this package, compiled here. `package.json` maps
 * `#core` to another of these files under a condition for runtimes that compile nothing, and whose
 * build tools refuse what might.
 */
import { instantiateSync } from '@assemblyscript/loader';
import { compileHex, compileHexNow } from './compile.js';
import { CORE_WASM_HEX } from './core-bytes.js';

export const compileCore = (): Promise<WebAssembly.Module> => compileHex(CORE_WASM_HEX);

export const compileCoreNow = (): WebAssembly.Module => compileHexNow(CORE_WASM_HEX);

/**
 * The exports as they are: the loader's own wrappers cost an argument array a call, and the core
 * needs none of them.
 */
export const instantiate = (
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports => instantiateSync(module, imports).instance.exports;
