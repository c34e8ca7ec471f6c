/**
 * Under the condition `workerd`: Cloudflare compiles what a worker imports, when it is deployed.
 */
import core from '../core.wasm';

export const compileCore = async (): Promise<WebAssembly.Module> => core;

export const compileCoreNow = (): WebAssembly.Module => core;

/**
 * Without the loader, which could compile too. It would not know a module of another realm, either.
 */
export const instantiate = (
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports => new WebAssembly.Instance(module, imports).exports;
