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

/** How many bad tokens of each kind are added to a number of good ones. */
export const badCount = (good: number): number => Math.max(1, Math.round(good / 100));

/** Issues good token number `n`. */
export function goodEntry(scenario: Scenario, n: number, random: () => number): Entry {
  const category = TWENTIETHS[n % TWENTIETHS.length]!;
  // Each kind counts through the names separately, so that every name gets tokens.
  const { jid, token } = GOOD[category]!.make(
    scenario,
    Math.floor(n / TWENTIETHS.length) * 13 + (n % 13),
    random,
  );
  return { jid, token, category };
}

/**
 * Adds bad tokens to the good ones and shuffles all. Every replay comes after the token that it
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

/** Marks the first of two equal tokens as the good one and the second as the replay. */
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

/** A random seed. */
export const anySeed = (): number => below(Math.random, 2 ** 31);
