import { keyRoom, textOf } from './utf8.js';

/**
 * Base64url without padding (RFC 4648 §5). The unused bits at the end must be zero (RFC 4648 §3.5),
 * so that each byte string has one spelling.
 */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** Encodes bytes as base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const unpadded = btoa(binary).slice(0, Math.ceil((bytes.length * 4) / 3));
  return unpadded.replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * Decodes UTF-8 text from base64url without padding. Null if it is neither, or if it is not the one
 * valid spelling.
 */
export function textOfBase64url(base64url: string): string | null {
  if (!BASE64URL.test(base64url)) return null;
  return textOfBase64(base64url.replaceAll('-', '+').replaceAll('_', '/'));
}

/**
 * Decodes UTF-8 text from base64, with or without padding, as `atob` reads it. Null if it is not
 * base64 or not UTF-8.
 */
export function textOfBase64(base64: string): string | null {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return null;
  }
  // Names are nearly always ASCII. Then the binary string is the text.
  if (!/[\x80-\xff]/.test(binary)) return binary;
  return textOf(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}

/**
 * Decodes bytes from base64, with or without padding, as `atob` reads it. Null if it is not base64.
 * Wipe the bytes if they are a secret.
 */
export function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(base64);
    const bytes = keyRoom(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    return null;
  }
}
