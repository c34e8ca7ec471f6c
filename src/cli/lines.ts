const LF = 10;
const CR = 13;

/**
 * Splits a stream of bytes into lines, one array of lines for each chunk that arrives.
 *
 * Lines end with LF or CR LF, the last one with the stream as well; the ends are cut off. A byte order mark before the
 * first line is dropped. What is held at once is a chunk and one line's beginning, and a line longer than `maxBytes`
 * is not even held: it comes out as null.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<(Uint8Array | null)[]> {
  let begun: Uint8Array | null = new Uint8Array(0);
  let isFirst = true;
  const finish = (): Uint8Array | null => {
    const line = begun === null ? null : withoutEnd(isFirst ? withoutMark(begun) : begun);
    begun = new Uint8Array(0);
    isFirst = false;
    return line;
  };

  for await (const chunk of chunks) {
    const lines: (Uint8Array | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      begun = joined(begun, chunk.subarray(start, end), maxBytes);
      lines.push(finish());
      start = end + 1;
    }
    // Copied when it is short, so that the rest of its chunk is let go.
    begun = joined(begun, chunk.slice(start), maxBytes);
    if (lines.length > 0) yield lines;
  }
  if (begun === null || begun.length > 0) yield [finish()];
}

function joined(begun: Uint8Array | null, more: Uint8Array, maxBytes: number): Uint8Array | null {
  if (begun === null || begun.length + more.length > maxBytes) return null;
  if (begun.length === 0) return more;
  const both = new Uint8Array(begun.length + more.length);
  both.set(begun);
  both.set(more, begun.length);
  return both;
}

function withoutEnd(line: Uint8Array): Uint8Array {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

function withoutMark(line: Uint8Array): Uint8Array {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}
