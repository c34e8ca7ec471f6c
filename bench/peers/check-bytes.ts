import type { Mac, SignatureCheck } from './peer.js';

const MAX_MESSAGE_BYTES = 4096;
const EQUALS_SIGN = 0x3d;
const SIGNATURE_CHARS = 44;

const ALPHABET = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  (char) => char.charCodeAt(0),
);

/** Makes a signature check from a MAC that takes and returns bytes. */
export function checkByBytes(mac: Mac): SignatureCheck {
  const encoder = new TextEncoder();
  const scratch = new Uint8Array(MAX_MESSAGE_BYTES);
  return (message, signature) => {
    const { written } = encoder.encodeInto(message, scratch);
    return encodesTo(mac(scratch.subarray(0, written)), signature);
  };
}

/**
 * Whether this text is the base64 of 32 bytes. The MAC is encoded while it is compared. That is
 * quicker than decoding the signature, needs no check that it was canonical, and has no branch on
 * either.
 */
function encodesTo(mac: Uint8Array, signature: string): boolean {
  if (signature.length !== SIGNATURE_CHARS) return false;
  let difference = 0;
  let at = 0;
  for (let i = 0; i < 30; i += 3) {
    const word = (mac[i]! << 16) | (mac[i + 1]! << 8) | mac[i + 2]!;
    difference |= signature.charCodeAt(at++) ^ ALPHABET[word >> 18]!;
    difference |= signature.charCodeAt(at++) ^ ALPHABET[(word >> 12) & 63]!;
    difference |= signature.charCodeAt(at++) ^ ALPHABET[(word >> 6) & 63]!;
    difference |= signature.charCodeAt(at++) ^ ALPHABET[word & 63]!;
  }
  const word = (mac[30]! << 8) | mac[31]!;
  difference |= signature.charCodeAt(at++) ^ ALPHABET[word >> 10]!;
  difference |= signature.charCodeAt(at++) ^ ALPHABET[(word >> 4) & 63]!;
  difference |= signature.charCodeAt(at++) ^ ALPHABET[(word << 2) & 63]!;
  difference |= signature.charCodeAt(at) ^ EQUALS_SIGN;
  return difference === 0;
}
