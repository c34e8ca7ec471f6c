import { VerifierError } from '../errors.js';

/** The error for a runtime that cannot or may not run the core. It names a fix. */
export function unavailable(cause: unknown): VerifierError {
  return new VerifierError('ERR_ENGINE_UNAVAILABLE', adviceFor(), { cause });
}

/** A module with one function, `() => i32.extract_lane 0 (i32x4.splat 0)`: valid only with SIMD. */
const SIMD_PROBE = Uint8Array.from(
  // magic and version        type: () -> i32        function   code: i32.const 0, i32x4.splat,
  // i32x4.extract_lane 0
  [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253,
    17, 253, 27, 0, 11,
  ],
);

function adviceFor(): string {
  if (typeof WebAssembly === 'undefined') {
    return 'this runtime has no WebAssembly; use one that has it, with SIMD';
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return 'this runtime has no WebAssembly SIMD; use Node 20, Chrome 93, Firefox 102, Safari 16.4 or later';
  }
  return (
    'this runtime refuses to compile WebAssembly from bytes; hand in totp-token/core.wasm, compiled, by the option ' +
    "module, or, on a page with a Content-Security-Policy, allow script-src 'wasm-unsafe-eval'"
  );
}
