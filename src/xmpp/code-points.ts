/**
 * A set of code points, stored as the edges of its ranges. Starts, which are members, and ends,
 * which are not, alternate.
 */
export class CodePointSet {
  readonly #edges: Uint32Array;

  /**
   * @param packed - The lengths of gaps and ranges in turn, beginning with the gap from U+0000, in
   *   base 36, separated by spaces.
   */
  constructor(packed: string) {
    let edge = 0;
    this.#edges = Uint32Array.from(packed.split(' '), (length) => {
      edge += Number.parseInt(length, 36);
      return edge;
    });
  }

  has(codePoint: number): boolean {
    // Avoids the search for most letters of most texts.
    if (codePoint < this.#edges[0]!) return false;
    let low = 0;
    let high = this.#edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#edges[middle]! <= codePoint) low = middle + 1;
      else high = middle;
    }
    // A code point is a member if an odd number of edges lies at or below it.
    return (low & 1) === 1;
  }

  /** Whether any character of the text is a member. */
  hasAny(text: string): boolean {
    for (const char of text) if (this.has(char.codePointAt(0)!)) return true;
    return false;
  }
}

/**
 * Reads a table of replacements.
 *
 * @param packed - Runs separated by spaces, each `distance,shift,count,stride` and optionally more
 *   code points, all in base 36. A run begins `distance` after the last character of the run
 *   before. `count` characters, `stride` apart, each become the code point `shift` higher, followed
 *   by those further code points.
 */
export function unpackReplacements(packed: string): ReadonlyMap<string, string> {
  const replacements = new Map<string, string>();
  let last = 0;
  for (const run of packed.split(' ')) {
    const [distance, shift, count, stride, ...suffix] = run
      .split(',')
      .map((field) => Number.parseInt(field, 36));
    const first = last + distance!;
    for (let i = 0; i < count!; i++) {
      last = first + i * stride!;
      replacements.set(String.fromCodePoint(last), String.fromCodePoint(last + shift!, ...suffix));
    }
  }
  return replacements;
}
