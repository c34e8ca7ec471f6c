import { unavailable } from './unavailable.js';

/**
 * Compiles a core from its bytes in hexadecimal, two digits a byte in lower case. @throws
 * {VerifierError} `ERR_ENGINE_UNAVAILABLE`.
 *
 * Beside the program only in a page, which may be forbidden to do it on the spot. Elsewhere that
 * takes under a millisecond, and a promise of `WebAssembly.compile` does not keep Node's event loop
 * alive.
 */
export async function compileHex(hex: string): Promise<WebAssembly.Module> {
  if (!('document' in globalThis)) return compileHexNow(hex);
  try {
    return await WebAssembly.compile(bytesOfHex(hex));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** The same on the spot. */
export function compileHexNow(hex: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytesOfHex(hex));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/**
 * Four bytes a turn by the engine's own parser: this runs once and cold, when a loop over
 * characters takes milliseconds more.
 */
function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const length = hex.length / 2;
  const view = new DataView(new ArrayBuffer((length + 3) & ~3));
  for (let i = 0; i < length; i += 4) {
    view.setUint32(i, Number.parseInt(hex.slice(2 * i, 2 * i + 8).padEnd(8, '0'), 16));
  }
  return new Uint8Array(view.buffer, 0, length);
}
