import { atLeast, atMost, type Goal, type Got, stated } from '../lib/goal.js';
import { FLAT, growthOf } from '../lib/growth.js';
import type { Measurement } from '../lib/measurement.js';

/**
 * Requests over keep-alive connections against another handler on the same server, medians of the
 * rounds.
 */
export interface Single {
  readonly otherPerSecond: number;
  readonly gatewayPerSecond: number;
  readonly ratio: number;
  /** Answers other than 2xx. */
  readonly refused: number;
}

/** A file of bench/results/gateway/. */
export interface GatewayResults extends Measurement {
  readonly auth: Single;
  readonly verify: Single;
  readonly verifyAndReading: Single;
  /** A batch by stream over `verifyLines` in memory. */
  readonly batch: { readonly ratio: number };
  readonly halfLoad: {
    readonly ofFull: number;
    readonly perSecond: number;
    readonly p50Us: number;
    readonly p99Us: number;
  };
  readonly memory: {
    readonly millions: number;
    readonly guardMiB: number;
    /** One at the start, then one after each million of tokens. */
    readonly samplesMiB: readonly number[];
  };
}

const MILLIONS = 10;

export function gatewayGoals({ auth, verify, batch, halfLoad, memory }: GatewayResults): Goal[] {
  const ratio = ({ ratio, refused }: Single): Got =>
    refused === 0 ? ratio : { missing: `${refused} tokens were refused` };
  const growth: Got =
    memory.millions < MILLIONS
      ? { missing: `ended after ${memory.millions} million tokens` }
      : growthOf(memory.samplesMiB).ratio;
  return [
    atLeast('GET /auth over an empty Hono handler', 0.85, '×', ratio(auth)),
    atLeast('POST /v1/verify over an empty Hono handler', 0.85, '×', ratio(verify)),
    atLeast('a batch by stream over verifyLines in memory', 0.5, '×', batch.ratio),
    stated('an answer at half load, 99th percentile', 'µs', halfLoad.p99Us),
    atMost('memory over 10 million tokens, last third over middle third', FLAT, '×', growth),
  ];
}
