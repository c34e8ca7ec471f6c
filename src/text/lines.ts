import { MAX_TOKEN_LINE_BYTES } from '../limits.js';
import { isBytes, viewOf } from './utf8.js';

const LF = 0x0a;
const CR = 0x0d;

/** Returns the end of the line that begins at `at`: the index of its LF, or the end of the text. */
export function endOfLine(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(LF, at);
  return end < 0 ? bytes.length : end;
}

/**
 * Returns the end of the last whole line within `room` bytes from `at`: the index after its LF, or
 * the end of the text. Returns `at` if no line is whole.
 */
export function endOfWholeLines(bytes: Uint8Array, at: number, room: number): number {
  if (bytes.length - at <= room) return bytes.length;
  return Math.max(at, bytes.lastIndexOf(LF, at + room - 1) + 1);
}

/** Removes a CR from the end of a line. */
export function withoutCr(line: Uint8Array): Uint8Array {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

/**
 * Turns chunks, which may be cut anywhere, into whole lines. Holds at most the beginning of one
 * line.
 *
 * A line ends with LF or CR LF, or with the stream. `maxBytes` counts the bytes before the LF. If a
 * longer line spans chunks, its bytes are dropped, and another line that is too long replaces it.
 * So the reader judges the line by its length, no matter how it was cut.
 */
export class LineCutter {
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();
  /** Whether the input is inside a line that is too long. Its bytes are dropped until its end. */
  #isSkipping = false;

  constructor(maxBytes = MAX_TOKEN_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the lines that are whole now, each with its LF. Empty if there are none. */
  push(given: Uint8Array): Uint8Array {
    if (!isBytes(given)) {
      throw new TypeError(
        `a chunk must be a Uint8Array: got ${typeof given}; leave out the stream's encoding`,
      );
    }
    const chunk = viewOf(given);
    const end = chunk.lastIndexOf(LF) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return new Uint8Array();
    }
    const start = this.#isSkipping ? chunk.indexOf(LF) : 0;
    const lines = joined(this.#rest, chunk.subarray(start, end));
    this.#rest = new Uint8Array();
    this.#isSkipping = false;
    this.#keep(chunk.subarray(end));
    return lines;
  }

  /** Returns the last line if it has no LF. */
  end(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    this.#isSkipping = false;
    return rest;
  }

  #keep(part: Uint8Array): void {
    if (this.#isSkipping) return;
    if (this.#rest.length + part.length > this.#maxBytes) {
      this.#isSkipping = true;
      this.#rest = new Uint8Array(this.#maxBytes + 1).fill(0x21);
    } else {
      this.#rest = joined(this.#rest, part);
    }
  }
}

/**
 * Splits text into lines, without their ends. Null for a line of more than `maxBytes`. The last LF
 * may be missing.
 *
 * @param isFirst - Whether the text begins with these lines. A byte order mark is dropped then.
 */
export function splitLines(
  bytes: Uint8Array,
  maxBytes: number,
  isFirst: boolean,
): (Uint8Array | null)[] {
  const lines: (Uint8Array | null)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = endOfLine(bytes, at);
    lines.push(end - at > maxBytes ? null : withoutCr(bytes.subarray(at, end)));
    at = end + 1;
  }
  if (isFirst && lines[0]) lines[0] = withoutMark(lines[0]);
  return lines;
}

/** Removes a byte order mark from the beginning of a text. */
export function withoutMark(text: Uint8Array): Uint8Array {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

/**
 * Splits a stream of bytes into lines, one array of lines for each chunk that ends one.
 *
 * Drops a byte order mark before the first line. Holds one chunk and the beginning of one line in
 * memory. Returns null for a line longer than `maxBytes`.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<(Uint8Array | null)[]> {
  const cutter = new LineCutter(maxBytes);
  let isFirst = true;
  for await (const chunk of chunks) {
    const whole = cutter.push(chunk);
    if (whole.length === 0) continue;
    yield splitLines(whole, maxBytes, isFirst);
    isFirst = false;
  }
  const rest = cutter.end();
  if (rest.length > 0) yield splitLines(rest, maxBytes, isFirst);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
