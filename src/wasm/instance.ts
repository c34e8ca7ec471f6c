import { instantiate } from '#core';
import { optionError, VerifierError } from '../errors.js';
import type { CoreExports } from './exports.js';
import { unavailable } from './unavailable.js';

/** The ABI that this package uses: `abi()` in assembly/index.ts, described in docs/core-abi.md. */
export const ABI = 1;

/** The fix for a `module` that cannot be used. */
const HAND_IN = 'hand in a WebAssembly.Module compiled from totp-token/core.wasm of this release';

/** @param cause - `{ cause }` if the engine gave a reason. */
export const notCore = (cause?: { readonly cause: unknown }): VerifierError =>
  optionError('module', 'not the core of this package', HAND_IN, cause);

/**
 * Makes an instance and returns its exports, if its ABI is the one that this package uses.
 * Functions of another ABI may do something else, so only `abi` is called before that.
 *
 * @throws {VerifierError} `ERR_OPTION`, `field` is `module`: the core has another ABI, or none,
 *   which is shown as 0. This also happens without the option if a build tool kept the core of
 *   another release. The same error is thrown if the module does not start, or if its `abi` is not
 *   a function or traps. `ERR_ENGINE_UNAVAILABLE`: WebKit compiles in spite of a page's policy, and
 *   refuses only here. `ERR_MEMORY`: the memory or the address space has run out. Engines reserve
 *   gigabytes of addresses for each memory.
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
    // Compares the name, because the error may come from another realm.
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
