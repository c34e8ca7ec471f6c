import type { Random } from '../../tools/testbed/random.js';
import { mutated } from './mutate.js';
import type { FuzzTarget } from './target.js';

/** What a search came to. */
export interface Found {
  readonly inputs: number;
  /** Counters that were hit at all. */
  readonly places: number;
  /** Inputs that reached something new: the next search may begin with them. */
  readonly kept: readonly Uint8Array[];
  /** An input that broke an invariant, and how; the search ends there. */
  readonly broken?: { readonly input: Uint8Array; readonly error: unknown };
}

/**
 * How often something was done, as one of eight bits: that a loop turns twice is news, that it
 * turns 41 times is not.
 */
const BIT_OF_COUNT = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count < 4) return count === 0 ? 0 : 1 << (count - 1);
  return 1 << Math.min(Math.floor(Math.log2(count)) + 1, 7);
});

/** Which counters have had which counts. */
class Seen {
  readonly #hit: Uint8Array;
  readonly #bits: Uint8Array;

  constructor(hit: Uint8Array) {
    this.#hit = hit;
    this.#bits = new Uint8Array(hit.length);
  }

  get places(): number {
    return this.#bits.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }

  /** Takes the counts of one input and clears them. True: there was something new. */
  take(): boolean {
    const [hit, bits] = [this.#hit, this.#bits];
    let isNew = false;
    for (let i = 0; i < hit.length; i++) {
      if (hit[i] === 0) continue;
      const bit = BIT_OF_COUNT[hit[i]!]!;
      if ((bits[i]! & bit) === 0) {
        bits[i]! |= bit;
        isNew = true;
      }
    }
    hit.fill(0);
    return isNew;
  }
}

/**
 * Mutates inputs and keeps those that reach what no earlier input did, until it shall end or an
 * invariant breaks. The seeds and what is known are always tried.
 *
 * @param hit - The counters that the instrumented code writes.
 * @param isOver - Whether the search shall end after so many inputs.
 * @param told - Told of each input before it is tried.
 */
export async function search(
  target: FuzzTarget,
  known: readonly Uint8Array[],
  hit: Uint8Array,
  {
    isOver,
    random,
    told,
  }: { isOver: (inputs: number) => boolean; random: Random; told: (input: Uint8Array) => void },
): Promise<Found> {
  const run = await target.open();
  const seen = new Seen(hit);
  const kept: Uint8Array[] = [];
  let inputs = 0;
  const first = [...target.seeds, ...known];
  hit.fill(0);
  while (inputs < first.length || !isOver(inputs)) {
    const input =
      first[inputs] ?? mutated(pick(kept, random), pick(kept, random), target.words, random);
    inputs++;
    told(input);
    try {
      await run(input);
    } catch (error) {
      return { inputs, places: seen.places, kept, broken: { input, error } };
    }
    if (seen.take() || kept.length === 0) kept.push(input);
  }
  return { inputs, places: seen.places, kept };
}

/** Newer ones more often. */
function pick(kept: readonly Uint8Array[], random: Random): Uint8Array {
  const from = random(2) === 0 ? 0 : Math.floor(kept.length * 0.75);
  return kept[from + random(kept.length - from)]!;
}

/** The input with as much taken out as can be while it still breaks. */
export async function smallest(
  run: (input: Uint8Array) => void | Promise<void>,
  broken: Uint8Array,
): Promise<Uint8Array> {
  let best = broken;
  for (let length = best.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at < best.length; ) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + length)]);
      try {
        await run(shorter);
        at += length;
      } catch {
        best = shorter;
      }
    }
  }
  return best;
}
