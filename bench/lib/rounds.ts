import { type Random, seededRandom, shuffled } from '../../tools/testbed/random.js';

/**
 * `ours`: this library. `peer`: another project. `native`: not JavaScript. A table makes one peer
 * its `baseline`.
 */
export type Kind = 'ours' | 'baseline' | 'peer' | 'native';

/**
 * The result of a turn: how many answers were right, and the time if the candidate measured it
 * itself.
 */
export type Outcome = number | { readonly right: number; readonly ns: number };

/** A candidate to time. `W` is the work that all candidates of a round share. */
export interface Candidate<W> {
  readonly name: string;
  readonly kind: Kind;
  /** The number of items in a turn is a multiple of this. Default 1. */
  readonly multiple?: number;
  /** Whether it always takes all items of a round. */
  readonly takesAll?: boolean;
  /** Called before each turn. Not timed. */
  ready?(work: W, items: number): void;
  turn(work: W, items: number): Outcome | Promise<Outcome>;
}

export interface RoundsOptions<W> {
  readonly candidates: readonly Candidate<W>[];
  /** Makes the work of one round, with `items` items. Not timed. */
  readonly nextWork: () => W;
  readonly items: number;
  /** About how long a turn may take. Slow candidates get fewer items. */
  readonly turnMs: number;
  readonly warmUpRounds: number;
  /** Rounds run until this time is up or enough are done, and at least `minRounds`. */
  readonly budgetMs: number;
  readonly minRounds: number;
  readonly onRound?: (doneShare: number) => void;
}

/**
 * The nanoseconds for each item of one candidate, by round. The nth values of all candidates are
 * from the same round.
 */
export interface Timing {
  readonly name: string;
  readonly kind: Kind;
  /** How many items a turn has. */
  readonly items: number;
  readonly ns: readonly number[];
}

const FIRST_ITEMS = 64;
/** More rounds than this do not make the medians steadier. */
const ENOUGH_ROUNDS = 101;
const NS_PER_MS = 1e6;
/** The order within a round changes, so that no candidate always follows the same one. */
const ORDER_SEED = 0x5eed;

/**
 * Times candidates in turn, round after round, on the same work.
 *
 * A machine's speed can change by tens of per cent within minutes. A round takes a fraction of a
 * second, so clock frequency and other processes affect all candidates of a round alike, and their
 * ratios are valid.
 */
export async function alternate<W>(options: RoundsOptions<W>): Promise<Timing[]> {
  const { candidates, warmUpRounds, budgetMs, minRounds, onRound } = options;
  const random = seededRandom(ORDER_SEED);
  const entries = candidates.map((candidate) => new Entry(candidate, options));
  for (let i = 0; i < warmUpRounds; i++) {
    await runRound(entries, options, random);
    for (const entry of entries) entry.settle();
  }
  const startedMs = performance.now();
  for (let done = 0, share = 0; done < minRounds || share < 1; done++) {
    await runRound(entries, options, random);
    share = Math.max((performance.now() - startedMs) / budgetMs, (done + 1) / ENOUGH_ROUNDS);
    onRound?.(Math.min(share, 1));
  }
  return entries.map((entry) => entry.timing);
}

async function runRound<W>(
  entries: readonly Entry<W>[],
  { nextWork }: RoundsOptions<W>,
  random: Random,
) {
  const work = nextWork();
  for (const entry of shuffled(entries, random)) await entry.takeTurn(work);
}

class Entry<W> {
  readonly #candidate: Candidate<W>;
  readonly #options: RoundsOptions<W>;
  #items: number;
  #ns: number[] = [];

  constructor(candidate: Candidate<W>, options: RoundsOptions<W>) {
    this.#candidate = candidate;
    this.#options = options;
    this.#items = candidate.takesAll ? options.items : this.#fitting(FIRST_ITEMS);
  }

  get timing(): Timing {
    const { name, kind } = this.#candidate;
    return { name, kind, items: this.#items, ns: this.#ns };
  }

  async takeTurn(work: W): Promise<void> {
    const candidate = this.#candidate;
    const items = this.#items;
    candidate.ready?.(work, items);
    const startedMs = performance.now();
    const pending = candidate.turn(work, items);
    const outcome = pending instanceof Promise ? await pending : pending;
    const spentNs = (performance.now() - startedMs) * NS_PER_MS;
    const { right, ns } = typeof outcome === 'number' ? { right: outcome, ns: spentNs } : outcome;
    if (right !== items)
      throw new Error(`${candidate.name}: ${right} of ${items} answers were as they must be`);
    this.#ns.push(ns / items);
  }

  /**
   * Called after a warm-up round. Sets the number of items by the time that they took, and drops
   * the time.
   */
  settle(): void {
    if (!this.#candidate.takesAll) {
      const ns = this.#ns.at(-1) ?? Number.POSITIVE_INFINITY;
      this.#items = this.#fitting((this.#options.turnMs * NS_PER_MS) / ns);
    }
    this.#ns = [];
  }

  #fitting(items: number): number {
    const multiple = this.#candidate.multiple ?? 1;
    return Math.max(
      multiple,
      Math.floor(Math.min(items, this.#options.items) / multiple) * multiple,
    );
  }
}
