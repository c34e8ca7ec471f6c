const LF = 0x0a;
/** In place of a line that is longer than a part, and so than any that could be good: as malformed, and not worth copying. */
const TOO_LONG = Uint8Array.of(0x21, LF);

/** Cuts text into parts of about `size` bytes that end with a line. */
export function partsOfLines(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.length;
    if (end - at > size) end = bytes.lastIndexOf(LF, at + size - 1) + 1;
    if (end > at) {
      parts.push(bytes.subarray(at, end));
    } else {
      parts.push(TOO_LONG);
      end = bytes.indexOf(LF, at + size) + 1 || bytes.length;
    }
    at = end;
  }
  return parts;
}
