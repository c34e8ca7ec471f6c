import { isBytes, viewOf } from '../../text/utf8.js';

const LF = 0x0a;
/** A jid has 3071 bytes at most and a token 310: no line that could be good is longer. */
const MAX_LINE_BYTES = 4096;
/** What stands for a line too long to be good: as malformed as it is, without its length. */
const TOO_LONG = Uint8Array.of(0x21);

/** Turns chunks that are cut anywhere into whole lines. Holds less than one line that could be good. */
export class LineCutter {
  #rest: Uint8Array = new Uint8Array();
  /** Inside a line that is too long: its bytes are dropped until its end. */
  #isSkipping = false;

  /** The lines that are whole now, each with its LF; empty when there are none. */
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

  /** The last line, when it has no LF. */
  end(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    this.#isSkipping = false;
    return rest;
  }

  #keep(part: Uint8Array): void {
    if (this.#isSkipping) return;
    if (this.#rest.length + part.length > MAX_LINE_BYTES) {
      this.#isSkipping = true;
      this.#rest = TOO_LONG;
    } else {
      this.#rest = joined(this.#rest, part);
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
