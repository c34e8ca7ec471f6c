import { atLeast, atMost, type Goal, type Got, stated } from '../lib/goal.js';
import { FLAT, growthOf } from '../lib/growth.js';
import type { Measurement } from '../lib/measurement.js';
import type { Pair, PairName } from './pairs.js';

/** A file of bench/results/gateway/. */
export interface GatewayResults extends Measurement {
  /** The pairs that were measured. */
  readonly pairs: Readonly<Partial<Record<PairName, Pair>>>;
  /**
   * The speed of a streamed batch, divided by that of `verifyLines` in memory: by the clock, and by
   * the processor time of the gateway.
   */
  readonly batch: { readonly ratio: number; readonly cpuRatio?: number };
  readonly halfLoad: {
    readonly ofFull: number;
    readonly perSecond: number;
    readonly p50Us: number;
    readonly p99Us: number;
  };
  readonly memory: {
    readonly millions: number;
    readonly guardMiB: number;
    /** One sample at the start, then one after each million tokens. */
    readonly samplesMiB: readonly number[];
  };
}

const MILLIONS = 10;

export function gatewayGoals({ pairs, batch, halfLoad, memory }: GatewayResults): Goal[] {
  // Counts both answers and processor time, because on a busy machine other processes determine the
  // answers a second.
  const goals = (name: PairName, what: string, least: number): Goal[] => {
    const pair = pairs[name];
    const got = (value: number | undefined): Got => {
      if (pair === undefined || value === undefined) return { missing: 'not measured' };
      return pair.refused === 0 ? value : { missing: `${pair.refused} requests were refused` };
    };
    return [
      atLeast(`${what}, answers a second`, least, '×', got(pair?.ratio)),
      atLeast(`${what}, by processor time`, least, '×', got(pair?.cpuRatio)),
    ];
  };
  const growth: Got =
    memory.millions < MILLIONS
      ? { missing: `ended after ${memory.millions} million tokens` }
      : growthOf(memory.samplesMiB).ratio;
  return [
    ...goals('session', 'GET /auth with a session over an empty Hono handler', 0.85),
    ...goals('auth', 'GET /auth with a token over an empty Hono handler', 0.85),
    ...goals('verify', 'POST /v1/verify over a handler that reads its JSON', 0.9),
    atLeast('a batch by stream over verifyLines in memory', 0.5, '×', batch.ratio),
    atLeast(
      'a batch by stream over verifyLines in memory, by processor time',
      0.5,
      '×',
      batch.cpuRatio ?? { missing: 'not measured' },
    ),
    stated('an answer at half load, 99th percentile', 'µs', halfLoad.p99Us),
    atMost('memory over 10 million tokens, last third over middle third', FLAT, '×', growth),
  ];
}
