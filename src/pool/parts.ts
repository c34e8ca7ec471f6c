const LF = 0x0a;

/**
 * Cuts text into parts of about `size` bytes that end with a line. A line longer than that is a part of its own.
 *
 * @returns Copies, so that each can be handed over to a thread.
 */
export function partsOfLines(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer>[] {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = bytes.length;
    if (end - at > size) {
      end = bytes.lastIndexOf(LF, at + size - 1) + 1;
      if (end <= at) end = bytes.indexOf(LF, at + size) + 1 || bytes.length;
    }
    parts.push(new Uint8Array(bytes.subarray(at, end)));
    at = end;
  }
  return parts;
}
