import { VerifierError } from '../errors.js';
import { CORE_WASM_BASE64 } from './core-bytes.js';

/** How to get at the core where the module's own bytes cannot be compiled. */
export interface LoadOptions {
  /** `totp-token/core.wasm`, compiled. Default: the copy inside this package is compiled. */
  readonly module?: WebAssembly.Module | undefined;
}

let compiled: WebAssembly.Module | undefined;

/**
 * Compiles the core once for this realm. `createVerifier` and `createIssuer` do so themselves; `hmac`, `hotp` and
 * `totp`, which are synchronous from the start, compile on first use, and need this call before that only where a
 * synchronous compile is forbidden.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: no WebAssembly, no SIMD in it, or compiling is forbidden.
 */
export async function loadCore(options: LoadOptions = {}): Promise<void> {
  compiled =
    options.module === undefined
      ? (compiled ?? (await compileBase64(CORE_WASM_BASE64)))
      : checkModule(options.module);
}

/** Compiles a core from the base64 of its bytes. @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`. */
export async function compileBase64(base64: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytesOfBase64(base64));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** The module, compiled on the spot if no one has yet. */
export function moduleNow(): WebAssembly.Module {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(bytesOfBase64(CORE_WASM_BASE64));
    } catch (cause) {
      throw unavailable(cause);
    }
  }
  return compiled;
}

/** The given module if it is the core, or the one of this realm. */
export async function moduleFor(given: WebAssembly.Module | undefined): Promise<WebAssembly.Module> {
  if (given !== undefined) return checkModule(given);
  await loadCore();
  return moduleNow();
}

function checkModule(module: WebAssembly.Module): WebAssembly.Module {
  if (typeof WebAssembly === 'undefined') throw unavailable(undefined);
  const fits =
    module instanceof WebAssembly.Module &&
    WebAssembly.Module.exports(module).some((entry) => entry.name === 'verifyJoined');
  if (!fits) {
    throw new VerifierError(
      'ERR_OPTION',
      'module: not the core of this package; hand in a WebAssembly.Module compiled from totp-token/core.wasm',
      { field: 'module' },
    );
  }
  return module;
}

function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // A loop, as this runs once and cold: a callback for each byte takes milliseconds then.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function unavailable(cause: unknown): VerifierError {
  return new VerifierError('ERR_ENGINE_UNAVAILABLE', adviceFor(), { cause });
}

function adviceFor(): string {
  if (typeof WebAssembly === 'undefined') {
    return 'this runtime has no WebAssembly; use one that has it, with SIMD';
  }
  if (!WebAssembly.validate(bytesOfBase64(CORE_WASM_BASE64))) {
    return 'this runtime has no WebAssembly SIMD; use Node 20, Chrome 91, Firefox 89, Safari 16.4 or later';
  }
  return (
    'this runtime refuses to compile WebAssembly from bytes; hand in a precompiled core by the option module, ' +
    "or, on a page with a Content-Security-Policy, allow script-src 'wasm-unsafe-eval'"
  );
}
