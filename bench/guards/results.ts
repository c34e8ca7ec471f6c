import type { Measurement } from '../lib/measurement.js';

/** Ways of asking: alone, from many clients at once, and as a gateway's batch. */
export const WAYS = [
  { name: 'one by one', batch: 1, atOnce: 1 },
  { name: '64 at once', batch: 1, atOnce: 64 },
  { name: 'batches of 1,000', batch: 1000, atOnce: 2 },
] as const;

/** What one way of asking came to. */
export interface Measured {
  /** Accepted tokens in a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /**
   * Time of a processor for an accepted token, in microseconds: of this process without issuing,
   * and of the store's. Older files lack it.
   */
  readonly ownUs?: number;
  readonly storeUs?: number;
}

export interface Row extends Measured {
  readonly store: string;
  readonly way: string;
  /** Connections, or processes' worth of files; of a pool its threads. */
  readonly connections: number;
}

/** How long LMDB takes for the first token of a step, in milliseconds. */
export interface Drop {
  /** Tokens of the step that is dropped by it. */
  readonly marks: number;
  readonly withDropMs: number;
  /** When nothing is to be dropped. */
  readonly withoutMs: number;
}

/** A file of bench/results/guards/. */
export interface GuardsResults extends Measurement {
  /** Bytes that a mark adds, by store. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  /** Older files lack it. */
  readonly lmdbDrop?: Drop;
}

/**
 * Accepted tokens in a second of one processor that does nothing else, for ours and for the store's
 * part together.
 */
export const perCore = ({ ownUs, storeUs }: Measured): number | undefined =>
  ownUs === undefined || storeUs === undefined ? undefined : Math.round(1e6 / (ownUs + storeUs));
