import { unavailable } from './unavailable.js';

/**
 * Compiles a core from its bytes in lower-case hexadecimal.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`.
 *
 * Compiles asynchronously only in a page, where a synchronous compile may be forbidden. Elsewhere a
 * synchronous compile takes under a millisecond, and a promise of `WebAssembly.compile` would not
 * keep Node's event loop alive.
 */
export async function compileHex(hex: string): Promise<WebAssembly.Module> {
  if (!('document' in globalThis)) return compileHexNow(hex);
  try {
    return await WebAssembly.compile(bytesOfHex(hex));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** Compiles a core synchronously. */
export function compileHexNow(hex: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytesOfHex(hex));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/**
 * Reads four bytes at a time with the engine's own parser. This code runs once and cold. A loop
 * over characters would take milliseconds longer.
 */
function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const length = hex.length / 2;
  const view = new DataView(new ArrayBuffer((length + 3) & ~3));
  for (let i = 0; i < length; i += 4) {
    view.setUint32(i, Number.parseInt(hex.slice(2 * i, 2 * i + 8).padEnd(8, '0'), 16));
  }
  return new Uint8Array(view.buffer, 0, length);
}
