import { CORE } from '#core';
import { VerifierError } from '../errors.js';

/** How to get at the core where the module's own bytes cannot be compiled. */
export interface LoadOptions {
  /** `totp-token/core.wasm`, compiled. Default: the copy inside this package is compiled. */
  readonly module?: WebAssembly.Module | undefined;
}

/** Base64 of the core's bytes, or the core, which the bundler of an edge runtime had compiled. */
const source: string | WebAssembly.Module = CORE;

let compiled = typeof source === 'string' ? undefined : source;

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
      ? (compiled ?? (await compileBase64(`${source}`)))
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
      compiled = new WebAssembly.Module(bytesOfBase64(`${source}`));
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
  if (!isCore(module)) {
    throw new VerifierError(
      'ERR_OPTION',
      'module: not the core of this package; hand in a WebAssembly.Module compiled from totp-token/core.wasm',
      { field: 'module' },
    );
  }
  return module;
}

/** By what it exports, not by `instanceof`: edge runtimes hand in modules of another realm. */
function isCore(module: WebAssembly.Module): boolean {
  try {
    const exports = WebAssembly.Module.exports(module);
    return (
      exports.some(({ name }) => name === 'verifyJoined') && WebAssembly.Module.imports(module).length === 0
    );
  } catch {
    return false;
  }
}

function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // A loop, as this runs once and cold: a callback for each byte takes milliseconds then.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The error for a runtime that cannot or may not run the core, with what to do about it. */
export function unavailable(cause: unknown): VerifierError {
  return new VerifierError('ERR_ENGINE_UNAVAILABLE', adviceFor(), { cause });
}

/** A module with one function, `() => i32.extract_lane 0 (i32x4.splat 0)`: valid where there is SIMD. */
const SIMD_PROBE = Uint8Array.from(
  // magic and version        type: () -> i32        function   code: i32.const 0, i32x4.splat, i32x4.extract_lane 0
  [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 17, 253, 27,
    0, 11,
  ],
);

function adviceFor(): string {
  if (typeof WebAssembly === 'undefined') {
    return 'this runtime has no WebAssembly; use one that has it, with SIMD';
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return 'this runtime has no WebAssembly SIMD; use Node 20, Chrome 91, Firefox 89, Safari 16.4 or later';
  }
  return (
    'this runtime refuses to compile WebAssembly from bytes; hand in totp-token/core.wasm, compiled, by the option ' +
    "module, or, on a page with a Content-Security-Policy, allow script-src 'wasm-unsafe-eval'"
  );
}
