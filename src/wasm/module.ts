import { compileCore, compileCoreNow } from '#core';
import { checkKnown } from '../check.js';
import { exportsOf, notCore } from './instance.js';
import { unavailable } from './unavailable.js';

declare global {
  /** Empty, for a project whose `lib` has no such type: where there is one, this adds nothing. */
  namespace WebAssembly {
    interface Module {}
  }
}

/** Where the core comes from, if the bytes inside the package cannot be compiled. */
export interface LoadOptions {
  /** `totp-token/core.wasm`, compiled. Default: the copy inside this package is compiled. */
  readonly module?: WebAssembly.Module | undefined;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Compiles the core once for this realm. `createVerifier` and `createIssuer` do so themselves.
 * `hmac`, `hotp` and `totp` are synchronous and compile on first use. They need this call only
 * where a synchronous compile is forbidden.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: no WebAssembly, no SIMD in it, or compiling is
 *   forbidden. `ERR_OPTION`: `module` is not the core, or one of another ABI, or another option is
 *   unknown.
 */
export async function loadCore(options: LoadOptions = {}): Promise<void> {
  checkKnown(options, ['module'], 'options');
  const { module } = options;
  if (module === undefined) {
    compiled ??= await compileCore();
    return;
  }
  // Only an instance tells its ABI. Verifiers and issuers check it when they make theirs.
  exportsOf(checkModule(module));
  compiled = module;
}

/** The module, compiled on the spot if no one has yet. @internal */
export function moduleNow(): WebAssembly.Module {
  compiled ??= compileCoreNow();
  return compiled;
}

/** The given module if it is the core, or the one of this realm. @internal */
export async function moduleFor(
  given: WebAssembly.Module | undefined,
): Promise<WebAssembly.Module> {
  if (given !== undefined) return checkModule(given);
  await loadCore();
  return moduleNow();
}

function checkModule(module: WebAssembly.Module): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') throw unavailable(undefined);
  if (!isCore(module)) throw notCore();
  return module;
}

/** By what it exports, not by `instanceof`: edge runtimes hand in modules of another realm. */
function isCore(module: WebAssembly.Module): boolean {
  try {
    const exports = WebAssembly.Module.exports(module);
    return (
      exports.some(({ name }) => name === 'verifyJoined') &&
      WebAssembly.Module.imports(module).length === 0
    );
  } catch {
    return false;
  }
}
