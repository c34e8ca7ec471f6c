import { median } from './statistics.js';

/** Memory samples taken at equal intervals, compared by thirds. */
export interface Growth {
  /** Medians. The first third does not count, because caches fill and code is compiled then. */
  readonly middleThird: number;
  readonly lastThird: number;
  /** The last third divided by the middle third. */
  readonly ratio: number;
}

/** Shows whether memory still grows after everything has settled, as with a leak. */
export function growthOf(samples: readonly number[]): Growth {
  const third = samples.length / 3;
  const middleThird = median(samples.slice(Math.floor(third), Math.floor(2 * third)));
  const lastThird = median(samples.slice(Math.floor(2 * third)));
  return { middleThird, lastThird, ratio: lastThird / middleThird };
}

/** The largest ratio that does not count as growth. Garbage collections happen at random times. */
export const FLAT = 1.05;
