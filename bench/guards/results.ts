import type { Measurement } from '../lib/measurement.js';

/** Ways of asking: one call at a time, many clients at once, and a gateway's batch. */
export const WAYS = [
  { name: 'one by one', batch: 1, atOnce: 1 },
  { name: '64 at once', batch: 1, atOnce: 64 },
  { name: 'batches of 1,000', batch: 1000, atOnce: 2 },
] as const;

/** The result of one way of asking. */
export interface Measured {
  /** Accepted tokens in a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /**
   * Processor time for an accepted token, in microseconds: of this process without issuing, and of
   * the store's processes. Missing in older files.
   */
  readonly ownUs?: number;
  readonly storeUs?: number;
}

export interface Row extends Measured {
  readonly store: string;
  readonly way: string;
  /**
   * The number of connections, or of guards on the same files. For a pool, the number of threads.
   */
  readonly connections: number;
}

/** How long LMDB takes for the first token of a step, in milliseconds. */
export interface Drop {
  /** How many tokens of an old step it drops. */
  readonly marks: number;
  readonly withDropMs: number;
  /** The time without a step to drop. */
  readonly withoutMs: number;
}

/** A file of bench/results/guards/. */
export interface GuardsResults extends Measurement {
  /** How many bytes a mark takes, by store. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  /** Older files lack it. */
  readonly lmdbDrop?: Drop;
}

/**
 * How many tokens one processor accepts in a second, if it does all the work of this process and of
 * the store.
 */
export const perCore = ({ ownUs, storeUs }: Measured): number | undefined =>
  ownUs === undefined || storeUs === undefined ? undefined : Math.round(1e6 / (ownUs + storeUs));
