import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DIST } from '../lib/dist.js';
import { freshLibrary } from '../lib/library.js';
import { THREADS, timesTable } from '../lib/results.js';
import { alternate, type Candidate } from '../lib/rounds.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import type { Round } from '../workloads/round.js';
import { World } from '../workloads/world.js';
import type { Suite } from './suite.js';

type Pools = typeof import('../../src/pool/index.js');
type Pool = Awaited<ReturnType<Pools['createVerifierPool']>>;

const ITEMS = 65_536;
const QUICK_ITEMS = 16_384;
const COUNTS = [1, 2];
const WARM_UP_ROUNDS = 4;
const MIN_ROUNDS = 5;
const ENTRY = join(DIST, 'pool', 'index.js');
const nameOf = (threads: number, by: string): string =>
  `createVerifierPool, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${by}`;

/** Measures the pool with one guard in shared memory, with one thread and with two. */
export const threads: Suite = {
  name: 'threads',
  isForFullRuns: true,
  title: 'threads',
  async run(plan) {
    const set = JID_SETS[0]!;
    const head = { id: THREADS, title: 'Threads with one guard, jid of 17 bytes', item: 'token' };
    if (!existsSync(ENTRY)) {
      const leftOut = [{ name: 'createVerifierPool', reason: 'this build has none' }];
      return [timesTable({ ...head, leftOut }, [], '')];
    }
    const world = await World.create([set.domain]);
    const items = plan.isQuick ? QUICK_ITEMS : ITEMS;
    const jids = jidsOf(set, items);
    const { createVerifierPool }: Pools = await import(pathToFileURL(ENTRY).href);
    const { createVerifier } = await freshLibrary();
    const { hosts, clock } = world;
    const alone = await createVerifier({ hosts, clock });
    const pools: Pool[] = [];
    const candidates: Candidate<Round>[] = [
      {
        name: 'createVerifier, no thread, bytes',
        kind: 'peer',
        takesAll: true,
        ready: (round) => void round.lines(round.tokens.length),
        turn: (round) => alone.verifyLines(round.lines(round.tokens.length)[0]!).accepted,
      },
    ];
    for (const count of COUNTS) {
      for (const by of ['bytes', 'strings'] as const) {
        const pool = await createVerifierPool({ hosts, clock, threads: count });
        pools.push(pool);
        await checkTwice(pool, world, jids.slice(0, 4096));
        candidates.push(candidateOf(pool, by, nameOf(count, by)));
      }
    }
    const timings = await alternate({
      candidates,
      nextWork() {
        world.advance();
        return world.round(jids);
      },
      items,
      turnMs: 1,
      warmUpRounds: WARM_UP_ROUNDS,
      budgetMs: plan.budgetMs,
      minRounds: MIN_ROUNDS,
      onRound: plan.onProgress,
    });
    for (const pool of pools) await pool.close();
    return [timesTable({ ...head, leftOut: [] }, timings, nameOf(1, 'bytes'))];
  },
};

function candidateOf(pool: Pool, by: 'bytes' | 'strings', name: string): Candidate<Round> {
  return {
    name,
    kind: 'ours',
    takesAll: true,
    ready: (round) => void round.lines(round.tokens.length),
    async turn(round) {
      const { jids, tokens } = round;
      const verdicts =
        by === 'bytes'
          ? pool.verifyLines(round.lines(round.tokens.length)[0]!)
          : pool.verifyBatch(jids, tokens);
      return (await verdicts).accepted;
    },
  };
}

/** Sends every token twice at the same time. Each must be accepted exactly once. */
async function checkTwice(pool: Pool, world: World, jids: readonly string[]): Promise<void> {
  const { tokens } = world.round(jids);
  const both = await Promise.all([pool.verifyBatch(jids, tokens), pool.verifyBatch(jids, tokens)]);
  const isOnce = tokens.every(
    (_, i) => both.filter((each) => each.code(i) === 'accepted').length === 1,
  );
  if (!isOnce) throw new Error('a pool did not accept each token exactly once');
}
