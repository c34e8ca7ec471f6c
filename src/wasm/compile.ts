import { unavailable } from './unavailable.js';

/** Compiles a core from the base64 of its bytes. @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`. */
export async function compileBase64(base64: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytesOfBase64(base64));
  } catch (cause) {
    throw unavailable(cause);
  }
}

/** The same on the spot. */
export function compileBase64Now(base64: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytesOfBase64(base64));
  } catch (cause) {
    throw unavailable(cause);
  }
}

function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // A loop, as this runs once and cold: a callback for each byte takes milliseconds then.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
