const LF = 0x0a;

/** Cuts text into parts of about `size` bytes that end with a line. A line longer than that is a part of its own. */
export function partsOfLines(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.length;
    if (end - at > size) {
      end = bytes.lastIndexOf(LF, at + size - 1) + 1;
      if (end <= at) end = bytes.indexOf(LF, at + size) + 1 || bytes.length;
    }
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}
