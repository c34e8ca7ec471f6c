import { instantiate } from '#core';
import { optionError, VerifierError } from '../errors.js';
import type { CoreExports } from './exports.js';
import { unavailable } from './unavailable.js';

/** The ABI that this package drives: `abi()` in assembly/index.ts, see docs/core-abi.md. */
export const ABI = 1;

/** What to do about a `module` that is not usable. */
const HAND_IN = 'hand in a WebAssembly.Module compiled from totp-token/core.wasm of this release';

/** @param cause - `{ cause }`, where the engine says more. */
export const notCore = (cause?: { readonly cause: unknown }): VerifierError =>
  optionError('module', 'not the core of this package', HAND_IN, cause);

/**
 * The exports of a new instance, whose ABI is the one that this package drives. Calls to a core of
 * another ABI would do something other than what they say, so none but `abi` is made.
 *
 * @throws {VerifierError} `ERR_OPTION`, `field` is `module`: the core has another ABI; 0 for one
 *   without a number. So too where none was handed in, but a build tool kept that of another
 *   release. The same for a module that does not start, or whose `abi` is no function or traps.
 *   `ERR_ENGINE_UNAVAILABLE`: WebKit compiles what a page's policy forbids, and refuses here.
 *   `ERR_MEMORY`: engines keep gigabytes of addresses free for each memory, and those, or the bytes,
 *   have run out.
 */
export function exportsOf(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports = {},
): CoreExports {
  let calls: Partial<CoreExports>;
  let answer: unknown;
  try {
    calls = instantiate(module, imports) as Partial<CoreExports>;
    answer = calls.abi?.();
  } catch (cause) {
    if (cause instanceof WebAssembly.CompileError) throw unavailable(cause);
    // By name: where an engine instantiates in another realm, so is its error.
    if ((cause as Error | undefined)?.name !== 'RangeError') throw notCore({ cause });
    const advice = 'no memory for another core; have fewer verifiers';
    throw new VerifierError('ERR_MEMORY', advice, { cause });
  }
  const found = typeof answer === 'number' ? answer : 0;
  if (found !== ABI) {
    throw optionError('module', `a core of ABI ${found}, but ABI ${ABI} is needed`, HAND_IN);
  }
  return calls as CoreExports;
}
