import { unavailable } from './unavailable.js';

/**
 * Compiles a core from its bytes in hexadecimal, two digits a byte in lower case. @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`.
 *
 * Beside the program only in a page, which may be forbidden to do it on the spot. Elsewhere that takes under a millisecond, and a
 * promise of `WebAssembly.compile` does not keep Node's event loop alive.
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

function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  // A loop, as this runs once and cold: a callback for each byte takes milliseconds then.
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** Of '0' to '9' and 'a' to 'f', by their codes. */
function digit(code: number): number {
  return (code & 15) + (code >> 6) * 9;
}
