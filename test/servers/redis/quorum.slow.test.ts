/** 100,000 tokens shown twice to a quorum of three real servers that fail, in turn and in pairs. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { FAULTS, load } from './quorum-load.js';
import { startRedis } from './servers.js';

const NAMES = Object.keys(FAULTS);
const SINGLE = NAMES.flatMap((name) => [0, 1, 2].map((server) => [name, server] as const));
/** The second of another server, while the first lasts. */
const PAIRS = NAMES.flatMap((first) => NAMES.map((second) => [first, second] as const));
const TOKENS = 100_000;
const EACH = Math.ceil(TOKENS / (SINGLE.length + PAIRS.length));
const LIMIT = { timeout: 3_600_000 };

let servers: RedisProcess[];
beforeEach(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
});

describe('no token is accepted twice', () => {
  it.each(SINGLE)(
    'while one is %s (server %i), and 99.9 %% are accepted',
    LIMIT,
    async (name, at) => {
      const fault = () => FAULTS[name]!(servers[at]!);
      const outcome = await load(servers, { tokens: EACH, isAtOnce: false, fault });
      expect(outcome.acceptedTwice).toBe(0);
      expect(outcome.accepted).toBeGreaterThanOrEqual(outcome.shown * 0.999);
    },
  );

  it.each(PAIRS)('while one is %s and another one is %s', LIMIT, async (first, second) => {
    const fault = async () => {
      const ends = [await FAULTS[first]!(servers[0]!), await FAULTS[second]!(servers[1]!)];
      return () => Promise.all(ends.map((end) => end()));
    };
    // In haste: nobody answers for the two.
    const options = { timeoutMs: 400, retryAfterMs: 50 };
    const outcome = await load(servers, { tokens: EACH, isAtOnce: true, options, fault });
    expect(outcome.acceptedTwice).toBe(0);
  });
});
