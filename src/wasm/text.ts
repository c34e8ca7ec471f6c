const encoder = new TextEncoder();
// `ignoreBOM` keeps a byte order mark: without it the bytes of one jid would be the text of another.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a string, or the bytes as they are. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** Writes a string as UTF-8 and returns how many bytes that took; `target` has room for all of it. */
export function writeUtf8(text: string, target: Uint8Array): number {
  return encoder.encodeInto(text, target).written;
}

/** The text of bytes that are ASCII. */
export function asciiOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The text of valid UTF-8; `null` for bytes that are not. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
