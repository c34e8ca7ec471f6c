/**
 * Under the condition `edge-light`: Vercel compiles what is imported so, in Next.js and in edge
 * functions.
 */
import core from '../core.wasm?module';

export const compileCore = async (): Promise<WebAssembly.Module> => core;

export const compileCoreNow = (): WebAssembly.Module => core;

/**
 * Without the loader, which could compile too. It would not know a module of another realm, either.
 */
export const instantiate = (
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports => new WebAssembly.Instance(module, imports).exports;
