import { MAX_JID_BYTES } from '../limits.js';
import { bytesOf, isBytes, isWellFormed, lengthOf, textOf } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';

/** Characters of a signature: 32 bytes in padded base64, RFC 4648 §4. */
export const SIGNATURE_CHARS = 44;

/**
 * Writes a token and its jid into the core's input.
 *
 * @returns The number of bytes of the jid. -1 if the values cannot be a token and a jid: a wrong
 *   type, too long, or a lone surrogate in the jid, which UTF-8 cannot encode.
 */
export function writeRequest(
  core: Core,
  jid: unknown,
  token: unknown,
  maxTokenBytes: number,
): number {
  if (typeof jid !== 'string' || typeof token !== 'string')
    return writeMixed(core, jid, token, maxTokenBytes);
  if (token.length > maxTokenBytes || jid.length > MAX_JID_BYTES) return -1;
  // Encodes in two calls, because `token + jid` would leave that string on the heap.
  if (core.write(token, core.input) !== token.length) return -1;
  const jidBytes = core.write(jid, core.jid);
  if (jidBytes !== jid.length && !isWellFormed(jid)) return -1;
  return jidBytes <= MAX_JID_BYTES ? jidBytes : -1;
}

/**
 * The number of UTF-16 units of a text, or of bytes. For values that `writeRequest` has accepted.
 */
export function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length : lengthOf.call(value);
}

function writeMixed(core: Core, jid: unknown, token: unknown, maxTokenBytes: number): number {
  if (!isText(jid) || !isText(token)) return -1;
  const tokenSize = sizeOf(token);
  const jidSize = sizeOf(jid);
  // An empty value is malformed. It may also be bytes whose buffer was transferred, which cannot be
  // copied.
  if (tokenSize === 0 || jidSize === 0) return -1;
  if (tokenSize > maxTokenBytes || jidSize > MAX_JID_BYTES) return -1;
  if (typeof jid === 'string' && !isWellFormed(jid)) return -1;
  const tokenBytes = bytesOf(token);
  const jidBytes = bytesOf(jid);
  // Uses the sizes that were checked, because a buffer that threads share may have grown since.
  const jidLength = typeof jid === 'string' ? jidBytes.length : jidSize;
  if ((typeof token === 'string' && tokenBytes.length !== tokenSize) || jidLength > MAX_JID_BYTES)
    return -1;
  try {
    core.input.set(tokenBytes);
    core.jid.set(jidBytes);
  } catch {
    // The bytes have grown and do not fit into the input.
    return -1;
  }
  return jidLength;
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || isBytes(value);
}

/**
 * Prepares a jid with the caller's function. `null` if it cannot be prepared, or if the function
 * throws.
 */
export function prepared(
  jid: string | Uint8Array,
  prepare: (jid: string) => string | null,
): string | null {
  const text = typeof jid === 'string' ? jid : textOf(jid);
  if (text === null) return null;
  try {
    return prepare(text) ?? null;
  } catch {
    return null;
  }
}
