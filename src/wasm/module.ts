import { compileCore, compileCoreNow } from '#core';
import { checkKnown } from '../check.js';
import { exportsOf, notCore } from './instance.js';
import { unavailable } from './unavailable.js';

declare global {
  /** Empty. It is for projects whose `lib` does not have this type, and adds nothing to others. */
  namespace WebAssembly {
    interface Module {}
  }
}

/** The source of the core, for runtimes that cannot compile the bytes inside the package. */
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
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: the runtime has no WebAssembly or no SIMD, or
 *   forbids compiling. `ERR_OPTION`: `module` is not the core or has another ABI, or an option is
 *   unknown.
 */
export async function loadCore(options: LoadOptions = {}): Promise<void> {
  checkKnown(options, ['module'], 'options');
  const { module } = options;
  if (module === undefined) {
    compiled ??= await compileCore();
    return;
  }
  // The ABI can be read only from an instance. Verifiers and issuers check it again when they make
  // theirs.
  exportsOf(checkModule(module));
  compiled = module;
}

/** The module of this realm. Compiles it synchronously if that was not done yet. @internal */
export function moduleNow(): WebAssembly.Module {
  compiled ??= compileCoreNow();
  return compiled;
}

/** The given module if it is the core, or else the module of this realm. @internal */
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

/**
 * Checks the exports instead of using `instanceof`, because edge runtimes pass in modules of
 * another realm.
 */
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
