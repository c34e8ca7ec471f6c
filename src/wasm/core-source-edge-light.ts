/**
 * Used under the condition `edge-light`. Vercel compiles the imported core itself, in Next.js and
 * in edge functions.
 */
import core from '../core.wasm?module';

export const compileCore = async (): Promise<WebAssembly.Module> => core;

export const compileCoreNow = (): WebAssembly.Module => core;

/**
 * Does not use the loader, because it contains code that compiles. It would also refuse a module of
 * another realm.
 */
export const instantiate = (
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports => new WebAssembly.Instance(module, imports).exports;
