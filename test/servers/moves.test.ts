/** From one guard to another, as docs/guards.md says: no token is accepted by both. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLmdbGuard } from '../../src/guards/lmdb/index.js';
import { createRedisGuard, type RedisGuardOptions } from '../../src/guards/redis/index.js';
import { createGuardedVerifier, createVerifier, type ReplayGuard } from '../../src/index.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { storeFolder } from '../unit/guards/lmdb/folder.js';
import { markOf } from '../unit/guards/marks.js';
import { codesOf, HOSTS, JID, tokensOf } from '../unit/guards/tokens.js';
import { PATIENT } from './redis/patience.js';
import { startRedis, stopServers } from './redis/servers.js';

stopServers();

const LIFETIME_MS = 90_000;
const MARGIN_MS = 10_000;
const PERIOD_MS = 30_000;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function verifierOn(guard: ReplayGuard, clock = Date.now) {
  const verifier = await createGuardedVerifier({
    hosts: HOSTS,
    guard,
    clock,
    guardTimeoutMs: 60_000,
  });
  ends.push(() => verifier.dispose());
  return verifier;
}

async function lmdb(options = {}): Promise<ReplayGuard> {
  const guard = await createLmdbGuard({ path: storeFolder(), ...options });
  ends.push(() => guard.close());
  return guard;
}

let prefixes = 0;
let url = '';
beforeAll(async () => {
  // The server syncs each write and ran before the move, so that no restart or loss of its own
  // makes tokens stale.
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  ({ url } = server);
});
async function redis(options: RedisGuardOptions = {}): Promise<ReplayGuard> {
  const guard = await createRedisGuard({ ...PATIENT, url, prefix: `${++prefixes}:`, ...options });
  ends.push(() => guard.close());
  return guard;
}

/** Tokens of every step that a window reaches now: of clocks that are behind and ahead, too. */
async function tokensOfWindow(): Promise<string[]> {
  const steps = [-1, 0, 1].map((drift) => tokensOf(3, () => Date.now() + drift * PERIOD_MS));
  return (await Promise.all(steps)).flat();
}

const OLD: Record<string, () => Promise<(tokens: string[]) => Promise<string[]>>> = {
  memory: async () => {
    const verifier = await createVerifier({ hosts: HOSTS });
    ends.push(() => verifier.dispose());
    return async (tokens) => tokens.map((token) => verifier.verify(JID, token).code);
  },
  LMDB: async () => {
    const verifier = await verifierOn(await lmdb());
    return (tokens) => codesOf(verifier, tokens);
  },
};
const NEW: Record<string, () => Promise<ReplayGuard>> = {
  Redis: () => redis({ rejectStepsBefore: 'opening' }),
  LMDB: () => lmdb({ rejectStepsBefore: 'creation' }),
};

describe.each(Object.keys(OLD))('a move from %s', (from) => {
  it.each(Object.keys(NEW))(
    'to %s makes every token stale that the old guard could have accepted',
    async (to) => {
      const verifyOld = await OLD[from]!();
      const used = await tokensOfWindow();
      const before = await verifyOld(used);
      expect(before.filter((code) => code === 'accepted').length).toBeGreaterThanOrEqual(6);
      const guard = await NEW[to]!();
      const verifier = await verifierOn(guard);
      // The steps of some tokens may be over by now.
      const after = (await codesOf(verifier, used)).filter((code) => code !== 'wrong-otp');
      expect([after.length >= 6, new Set(after)]).toEqual([true, new Set(['stale'])]);
      expect(await codesOf(verifier, await tokensOf(1))).toEqual(['stale']);
      // No one could have had a token of this step before the move.
      const clock = () => Date.now() + LIFETIME_MS + MARGIN_MS + PERIOD_MS;
      const fresh = markOf('abcdefghij+/Az09', Math.floor(clock() / PERIOD_MS));
      expect(await guard.remember([fresh])).toEqual(['fresh']);
      expect(await guard.remember([fresh])).toEqual(['replayed']);
    },
  );
});

it('without the step of the docs, Redis accepts tokens again that the old guard has accepted', async () => {
  const used = await tokensOf(2);
  const verifyOld = await OLD.memory!();
  expect(await verifyOld(used)).toEqual(['accepted', 'accepted']);
  const verifier = await verifierOn(await redis({ rejectStepsBefore: 'start' }));
  expect(await codesOf(verifier, used)).toEqual(['accepted', 'accepted']);
});

/** The guard of the code block in docs/guards.md. */
function documented(old: ReplayGuard, fresh: ReplayGuard): ReplayGuard {
  const page = readFileSync(join(ROOT, 'docs', 'guards.md'), 'utf8');
  const code = /```js\n(const both = [\s\S]*?)```/.exec(page)?.[1];
  return new Function('old', 'fresh', `${code}; return both;`)(old, fresh);
}

describe('a move from LMDB to Redis by way of both guards', () => {
  it('accepts a token once in each stage of the move', async () => {
    const [old, fresh] = [await lmdb(), await redis()];
    const stages = [old, documented(old, fresh), documented(old, fresh), fresh];
    const [before, both, alsoBoth, after] = await Promise.all(
      stages.map((guard) => verifierOn(guard)),
    );
    const accepted = async (tokens: string[], ...verifiers: (typeof before)[]) => {
      const codes = await Promise.all(verifiers.map((verifier) => codesOf(verifier!, tokens)));
      return tokens.map((_, i) => codes.filter((each) => each[i] === 'accepted').length);
    };
    // At once, and in turn. The first and the last stage never run within one token's
    // lifetime.
    for (const together of [
      [before, both],
      [both, before],
      [both, alsoBoth],
      [both, after],
      [after, both, alsoBoth],
    ]) {
      const tokens = await tokensOf(50);
      expect(await accepted(tokens, ...together), 'at once').toEqual(Array(50).fill(1));
      const others = await tokensOf(20);
      let sum = 0;
      for (const each of together) {
        sum += (await accepted(others, each)).reduce((a, b) => a + b, 0);
      }
      expect(sum, 'in turn').toBe(20);
    }
  });

  it('accepts nothing when one of the guards fails', async () => {
    const down: ReplayGuard = { remember: () => Promise.reject(new Error('down')) };
    for (const guard of [documented(await lmdb(), down), documented(down, await redis())]) {
      expect(await codesOf(await verifierOn(guard), await tokensOf(2))).toEqual([
        'guard-unavailable',
        'guard-unavailable',
      ]);
    }
  });
});
