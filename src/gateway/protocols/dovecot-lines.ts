/** The longest line that is accepted, in bytes. This is Dovecot's own limit. */
export const MAX_LINE_CHARS = 8192;

/** A line of a client, without its end. */
export interface Line {
  /** The line, with one character for each byte. */
  readonly text: string;
  /** Whether the line was longer than `MAX_LINE_CHARS`. `text` is then its beginning. */
  readonly isCut: boolean;
}

/**
 * Cuts a client's input into lines. The input may arrive in any pieces.
 *
 * The rest of a line that is too long is skipped and not kept.
 */
export class LineCutter {
  #rest = '';
  #isSkipping = false;

  /** @param text - One character for each byte. */
  push(text: string): void {
    this.#rest += text;
  }

  /**
   * Takes the next line. Undefined until the whole line, or more than the longest line, has
   * arrived.
   */
  next(): Line | undefined {
    if (this.#isSkipping) this.#skip();
    const end = this.#rest.indexOf('\n');
    const text = (end < 0 ? this.#rest : this.#rest.slice(0, end)).replace(/\r$/, '');
    if (text.length > MAX_LINE_CHARS) {
      this.#rest = this.#rest.slice(MAX_LINE_CHARS);
      this.#isSkipping = true;
      return { text: text.slice(0, MAX_LINE_CHARS), isCut: true };
    }
    if (end < 0) return undefined;
    this.#rest = this.#rest.slice(end + 1);
    return { text, isCut: false };
  }

  #skip(): void {
    const end = this.#rest.indexOf('\n');
    this.#rest = end < 0 ? '' : this.#rest.slice(end + 1);
    this.#isSkipping = end < 0;
  }
}
