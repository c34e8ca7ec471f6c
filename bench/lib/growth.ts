import { median } from './statistics.js';

/** Figures of memory, taken at equal distances, judged by thirds. */
export interface Growth {
  /** Medians. In the first third, caches fill and code is compiled. */
  readonly middleThird: number;
  readonly lastThird: number;
  /** The last third over the middle one. */
  readonly ratio: number;
}

/** Whether memory still grows when everything has settled: what leaks does, and goes on. */
export function growthOf(samples: readonly number[]): Growth {
  const third = samples.length / 3;
  const middleThird = median(samples.slice(Math.floor(third), Math.floor(2 * third)));
  const lastThird = median(samples.slice(Math.floor(2 * third)));
  return { middleThird, lastThird, ratio: lastThird / middleThird };
}

/**
 * So much more in the last third than in the middle one is still no growth: collections fall where
 * they fall.
 */
export const FLAT = 1.05;
