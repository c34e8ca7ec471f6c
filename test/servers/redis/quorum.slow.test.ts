/** 100,000 tokens are shown twice to three real servers, of which one or two fail. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { FAULTS, load } from './quorum-load.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const NAMES = Object.keys(FAULTS);
const SINGLE = NAMES.flatMap((name) => [0, 1, 2].map((server) => [name, server] as const));
/** The second fault hits another server during the first. */
const PAIRS = NAMES.flatMap((first) => NAMES.map((second) => [first, second] as const));
const TOKENS = 100_000;
const EACH = Math.ceil(TOKENS / (SINGLE.length + PAIRS.length));
const LIMIT = { timeout: 3_600_000 };

let servers: RedisProcess[];
beforeEach(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
});

describe('a quorum of three servers', () => {
  it.each(SINGLE)(
    'accepts no token twice, and all but one in a thousand once, while one is %s (server %i)',
    LIMIT,
    async (name, at) => {
      const fault = () => FAULTS[name]!(servers[at]!);
      const outcome = await load(servers, { tokens: EACH, isAtOnce: false, fault });
      expect(outcome.acceptedTwice).toBe(0);
      expect(outcome.accepted).toBeGreaterThanOrEqual(outcome.shown * 0.999);
    },
  );

  it.each(PAIRS)(
    'accepts no token twice while one is %s and another one is %s',
    LIMIT,
    async (first, second) => {
      const fault = async () => {
        const ends = [await FAULTS[first]!(servers[0]!), await FAULTS[second]!(servers[1]!)];
        return () => Promise.all(ends.map((end) => end()));
      };
      // Short timeouts, as the two faulty servers do not answer.
      const options = { timeoutMs: 400, retryAfterMs: 50 };
      const outcome = await load(servers, { tokens: EACH, isAtOnce: true, options, fault });
      expect(outcome.acceptedTwice).toBe(0);
    },
  );
});
