import { BAD, type Category, GOOD, REPLAYED } from './categories.js';
import type { Submission } from './makers.js';
import { below, shuffle } from './makers.js';
import type { Scenario } from './scenario.js';

/** All kinds, in the order of the table. */
export const CATEGORIES: readonly Pick<Category, 'title' | 'expected'>[] = [
  ...GOOD,
  REPLAYED,
  ...BAD,
];
export const GOOD_COUNT = GOOD.length;

/** A submission and the index of its kind in `CATEGORIES`. */
export interface Entry extends Submission {
  readonly category: number;
}

const INDEX_OF_REPLAYED = GOOD.length;
const TWENTIETHS = GOOD.flatMap(({ share }, category) =>
  Array.from({ length: share }, () => category),
);

/** How many bad tokens of each kind go with so many good ones. */
export const badCount = (good: number): number => Math.max(1, Math.round(good / 100));

/** Issues good token number `n`. */
export function goodEntry(scenario: Scenario, n: number, random: () => number): Entry {
  const category = TWENTIETHS[n % TWENTIETHS.length]!;
  // Every kind walks through the names by itself, so that each name gets its tokens.
  const { jid, token } = GOOD[category]!.make(
    scenario,
    Math.floor(n / TWENTIETHS.length) * 13 + (n % 13),
    random,
  );
  return { jid, token, category };
}

/**
 * Adds the bad ones to the good and shuffles all; every replay comes after the token that it
 * repeats.
 */
export function mixIn(good: readonly Entry[], scenario: Scenario, random: () => number): Entry[] {
  const count = badCount(good.length);
  const bad = BAD.flatMap((kind, i) =>
    Array.from({ length: count }, (_, n) => ({
      ...kind.make(scenario, n, random),
      category: GOOD.length + 1 + i,
    })),
  );
  const originals = [...good];
  shuffle(originals, random);
  const replays = new Map<string, Entry>();
  for (const original of originals.slice(0, count)) {
    replays.set(original.token, { ...original, category: INDEX_OF_REPLAYED });
  }
  const entries = [...good, ...bad, ...replays.values()];
  shuffle(entries, random);
  return firstComesFirst(entries, replays);
}

/** Of the two alike, wherever the shuffle put them, the first is the good one. */
function firstComesFirst(entries: readonly Entry[], replays: ReadonlyMap<string, Entry>): Entry[] {
  const seen = new Set<string>();
  const original = new Map(
    entries.filter(({ category }) => category < GOOD.length).map((entry) => [entry.token, entry]),
  );
  return entries.map((entry) => {
    const replay = replays.get(entry.token);
    if (replay === undefined) return entry;
    if (seen.has(entry.token)) return replay;
    seen.add(entry.token);
    return original.get(entry.token)!;
  });
}

/** A seed when none is given. */
export const anySeed = (): number => below(Math.random, 2 ** 31);
