import { type Random, seededRandom, shuffled } from '../../tools/testbed/random.js';

/**
 * `ours` is this library, `peer` another project, `native` no JavaScript. A table turns one peer
 * into its `baseline`.
 */
export type Kind = 'ours' | 'baseline' | 'peer' | 'native';

/**
 * What a turn gives back: how many items were answered as they must be; the time, if it took that
 * itself.
 */
export type Outcome = number | { readonly right: number; readonly ns: number };

/** Something to be timed. `W` is what all candidates of a round work on. */
export interface Candidate<W> {
  readonly name: string;
  readonly kind: Kind;
  /** The number of items a turn takes is a multiple of this. Default 1. */
  readonly multiple?: number;
  /** Takes all of a round's items whatever the time. */
  readonly takesAll?: boolean;
  /** Is not timed, and comes before each turn. */
  ready?(work: W, items: number): void;
  turn(work: W, items: number): Outcome | Promise<Outcome>;
}

export interface RoundsOptions<W> {
  readonly candidates: readonly Candidate<W>[];
  /** Makes the work of one round, `items` items of it; not timed. */
  readonly nextWork: () => W;
  readonly items: number;
  /** About how long a turn may take: slow candidates get fewer items. */
  readonly turnMs: number;
  readonly warmUpRounds: number;
  /** Rounds are run until this time is up or enough are done, but `minRounds` in any case. */
  readonly budgetMs: number;
  readonly minRounds: number;
  readonly onRound?: (doneShare: number) => void;
}

/**
 * Nanoseconds an item of one candidate, round by round; the nth of each are from the same round.
 */
export interface Timing {
  readonly name: string;
  readonly kind: Kind;
  /** Items of a turn. */
  readonly items: number;
  readonly ns: readonly number[];
}

const FIRST_ITEMS = 64;
/** More rounds make the medians no steadier than this many. */
const ENOUGH_ROUNDS = 101;
const NS_PER_MS = 1e6;
/** The order within a round changes, so that nobody always follows the same one. */
const ORDER_SEED = 0x5eed;

/**
 * Times candidates in turns, round after round, all on the same work.
 *
 * A machine's speed moves by tens of per cent within minutes. A round is over in a fraction of a
 * second, so what is compared within a round holds, whatever the clock frequency or another process
 * did to both.
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
   * After a round of warming up: sets the number of items by what they took, and forgets the time.
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
