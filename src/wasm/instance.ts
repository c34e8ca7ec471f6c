import { instantiate } from '#core';
import { VerifierError } from '../errors.js';
import { unavailable } from './unavailable.js';

/** The ABI that this package drives: `abi()` in assembly/index.ts, described in docs/core.md. */
export const ABI = 1;

/**
 * The exports of a new instance.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: WebKit compiles what a page's policy forbids,
 *   and refuses here. `ERR_MEMORY`: engines keep gigabytes of addresses free for each memory, and
 *   those, or the bytes, have run out.
 */
export function exportsOf(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports = {},
): WebAssembly.Exports {
  try {
    return instantiate(module, imports);
  } catch (cause) {
    if (cause instanceof WebAssembly.CompileError) throw unavailable(cause);
    // By name: where an engine instantiates in another realm, so is its error.
    if ((cause as Error | undefined)?.name !== 'RangeError') throw cause;
    const advice = 'no memory for another core; have fewer verifiers';
    throw new VerifierError('ERR_MEMORY', advice, { cause });
  }
}

/**
 * Says which ABI a core has and which one is needed, or returns `undefined` if they are the same.
 * Calls to a core of another ABI would do something other than what they say, so none is made.
 */
export function abiFault({ abi }: WebAssembly.Exports): string | undefined {
  const found: unknown = typeof abi === 'function' ? abi() : undefined;
  if (found === ABI) return undefined;
  const core = found === undefined ? 'a core without an ABI number' : `a core of ABI ${found}`;
  return `${core}, but this release needs ABI ${ABI}`;
}
