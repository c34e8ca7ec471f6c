export interface Batch {
  readonly jids: readonly string[];
  readonly tokens: readonly string[];
}

/** The tokens that every candidate verifies, as strings and, on demand, as batches or lines. */
export class Round implements Batch {
  readonly #batches = new Map<number, Batch[]>();
  readonly #lines = new Map<number, Uint8Array[]>();

  constructor(
    /** The step of the clock at which they are verified. */
    readonly step: number,
    readonly jids: readonly string[],
    readonly tokens: readonly string[],
  ) {}

  /** The tokens in batches of `size`. The last batch may be shorter. */
  batches(size: number): readonly Batch[] {
    return memoised(this.#batches, size, () =>
      starts(this.tokens.length, size).map((at) => ({
        jids: this.jids.slice(at, at + size),
        tokens: this.tokens.slice(at, at + size),
      })),
    );
  }

  /** The same as lines `jid TAB token LF`. */
  lines(size: number): readonly Uint8Array[] {
    return memoised(this.#lines, size, () =>
      this.batches(size).map(({ jids, tokens }) =>
        new TextEncoder().encode(tokens.map((token, i) => `${jids[i]}\t${token}\n`).join('')),
      ),
    );
  }
}

const starts = (length: number, size: number): number[] =>
  Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);

function memoised<V>(map: Map<number, V>, key: number, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
