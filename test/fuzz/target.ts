import type fc from 'fast-check';

/** Something that is fuzzed: one file in `targets/` each, see the README there. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that the search begins with. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that mutation puts into inputs, since it would not find them by itself. */
  readonly words: readonly string[];
  /** How many inputs each of the two ways tries in `npm test`: a fraction of a second of them. */
  readonly testInputs: number;
  /** Inputs for the property-based run. */
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /**
   * Makes what tries one input. It throws when an invariant does not hold; inputs do not depend on
   * each other.
   */
  open(): Promise<(input: Uint8Array) => void | Promise<void>>;
  /** Ends what `open` started. */
  close?(): Promise<unknown>;
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as the text that they are in UTF-8; undefined when they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes as some text: UTF-8, or else UTF-16 units as they come, lone surrogates too. */
export function anyTextOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return text;
  const units = Array.from(
    { length: bytes.length >> 1 },
    (_, i) => bytes[2 * i]! | (bytes[2 * i + 1]! << 8),
  );
  return String.fromCharCode(...units);
}

/** Reads an input as a list of choices; zeros when it has ended. */
export class Choices {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isOver(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** A whole number in [0, below), 256 at most. */
  below(below: number): number {
    return this.byte() % below;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    const part = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}
