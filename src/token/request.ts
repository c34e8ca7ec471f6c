import { MAX_JID_BYTES } from '../limits.js';
import { bytesOf, isBytes, isWellFormed, lengthOf, textOf } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';

/** Characters of a signature: 32 bytes in padded base64, RFC 4648 §4. */
export const SIGNATURE_CHARS = 44;

/**
 * Lays a token and its jid out for the core.
 *
 * @returns Bytes of the jid, or -1 for what cannot be a token and a jid: another type, too long, a
 *   lone surrogate in the jid, which UTF-8 has no bytes for.
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
  // Two calls, where encoding `token + jid` at once would leave that string on the heap.
  if (core.write(token, core.input) !== token.length) return -1;
  const jidBytes = core.write(jid, core.jid);
  if (jidBytes !== jid.length && !isWellFormed(jid)) return -1;
  return jidBytes <= MAX_JID_BYTES ? jidBytes : -1;
}

/** UTF-16 units of a text, or bytes. For what `writeRequest` has taken. */
export function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length : lengthOf.call(value);
}

function writeMixed(core: Core, jid: unknown, token: unknown, maxTokenBytes: number): number {
  if (!isText(jid) || !isText(token)) return -1;
  const tokenSize = sizeOf(token);
  const jidSize = sizeOf(jid);
  // Empty is malformed, and may be bytes whose buffer was transferred: those cannot be copied.
  if (tokenSize === 0 || jidSize === 0) return -1;
  if (tokenSize > maxTokenBytes || jidSize > MAX_JID_BYTES) return -1;
  if (typeof jid === 'string' && !isWellFormed(jid)) return -1;
  const tokenBytes = bytesOf(token);
  const jidBytes = bytesOf(jid);
  // Of bytes the sizes are those that were looked at: a buffer that threads share may have grown
  // since.
  const jidLength = typeof jid === 'string' ? jidBytes.length : jidSize;
  if ((typeof token === 'string' && tokenBytes.length !== tokenSize) || jidLength > MAX_JID_BYTES)
    return -1;
  try {
    core.input.set(tokenBytes);
    core.jid.set(jidBytes);
  } catch {
    // Grown beyond the input.
    return -1;
  }
  return jidLength;
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || isBytes(value);
}

/**
 * The jid as the caller's preparation makes it; `null` when it cannot be prepared. A preparation
 * that throws has refused.
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
