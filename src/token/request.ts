import { bytesOf, isBytes, isWellFormed, lengthOf, textOf } from '../text/utf8.js';
import type { Core } from '../wasm/core.js';

/** Two parts of 1023 bytes, a resource of as many and two signs: no jid is longer (RFC 6122 §2.1). */
export const MAX_JID_BYTES = 3071;

/**
 * Lays a token and its jid out for the core.
 *
 * @returns Bytes of the jid, or -1 for what cannot be a token and a jid: another type, too long, a lone
 *   surrogate in the jid, which UTF-8 has no bytes for.
 */
export function writeRequest(core: Core, jid: unknown, token: unknown, maxTokenBytes: number): number {
  if (typeof jid !== 'string' || typeof token !== 'string')
    return writeMixed(core, jid, token, maxTokenBytes);
  if (token.length > maxTokenBytes || jid.length > MAX_JID_BYTES) return -1;
  // Two calls, where encoding `token + jid` at once would leave that string on the heap.
  if (core.write(token, core.input) !== token.length) return -1;
  const jidBytes = core.write(jid, core.jid);
  if (jidBytes !== jid.length && !isWellFormed(jid)) return -1;
  return jidBytes <= MAX_JID_BYTES ? jidBytes : -1;
}

function writeMixed(core: Core, jid: unknown, token: unknown, maxTokenBytes: number): number {
  if (!isText(jid) || !isText(token)) return -1;
  // Empty is malformed, and may be bytes whose buffer was transferred: those cannot be copied.
  if (token.length === 0 || jid.length === 0) return -1;
  if (token.length > maxTokenBytes || jid.length > MAX_JID_BYTES) return -1;
  if (typeof jid === 'string' && !isWellFormed(jid)) return -1;
  const tokenBytes = bytesOf(token);
  const jidBytes = bytesOf(jid);
  if (tokenBytes.length !== token.length || jidBytes.length > MAX_JID_BYTES) return -1;
  core.input.set(tokenBytes);
  core.jid.set(jidBytes);
  return jidBytes.length;
}

/** Bytes that give a false length are none. */
function isText(value: unknown): value is string | Uint8Array {
  if (typeof value === 'string') return true;
  return isBytes(value) && value.length === lengthOf.call(value);
}

/**
 * The jid as the caller's preparation makes it; `null` when it cannot be prepared. A preparation that throws has
 * refused.
 */
export function prepared(jid: string | Uint8Array, prepare: (jid: string) => string | null): string | null {
  const text = typeof jid === 'string' ? jid : textOf(jid);
  if (text === null) return null;
  try {
    return prepare(text) ?? null;
  } catch {
    return null;
  }
}
