import type { Input } from './context.js';

/**
 * Reads a short text from a stream: all of it, or of a terminal the first line. The line end at its end is cut off.
 *
 * @returns Null when there is more than `maxBytes`: it is something else, and is not read on.
 */
export async function readShortText(input: Input, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early destroys the stream, so that an open stdin does not keep the program alive.
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) return null;
    if (input.isTTY && chunk.includes(10)) break;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
