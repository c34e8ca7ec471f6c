import { type Asking, ours } from '../candidates/ours.js';
import { peerCandidates } from '../candidates/peers.js';
import { type TimesTable, timesTable } from '../lib/results.js';
import { alternate, type Candidate } from '../lib/rounds.js';
import { loadPeers } from '../peers/index.js';
import { BAD_KINDS, type BadKind, badRound } from '../workloads/bad.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import type { Round } from '../workloads/round.js';
import { World } from '../workloads/world.js';
import { type Suite, TURN_MS, warmUp } from './suite.js';

const ITEMS = 2048;
const WARM_UP_ROUNDS = 20;
/** Numbers of `VERDICT_CODES`. */
const CODES: Readonly<Record<BadKind, number>> = {
  'wrong-otp': 3,
  'bad-signature': 4,
  replayed: 5,
};

const ASKINGS: readonly Asking[] = [
  { by: 'call', size: 1 },
  { by: 'strings', size: 1024 },
  { by: 'bytes', size: 1024 },
];

/** The usual form, and the peers that are the quickest in some runtime. */
const QUICK_PEERS = [
  'node-create-hmac',
  'node-create-hmac-lean',
  'node-hash',
  'bun-hmac-copy',
  'fast-sha256',
  'noble-midstate',
];

/** Measures refused tokens: the work that an attacker can cause. */
export const rejection: Suite = {
  name: 'rejection',
  title: 'refused tokens',
  async run(plan) {
    const set = JID_SETS[0]!;
    const jids = jidsOf(set, ITEMS);
    const tables: TimesTable[] = [];
    for (const [i, kind] of BAD_KINDS.entries()) {
      const world = await World.create([set.domain]);
      const expectation = { code: CODES[kind], isShownBefore: kind === 'replayed' };
      const { loaded, leftOut } = await loadPeers(QUICK_PEERS);
      const candidates: Candidate<Round>[] = [];
      for (const asking of ASKINGS) candidates.push(await ours(asking, world, expectation));
      for (const each of loaded)
        candidates.push(...(await peerCandidates(each, world, expectation)));
      const timings = await alternate({
        candidates,
        nextWork() {
          world.advance();
          return badRound(world, jids, kind);
        },
        items: ITEMS,
        turnMs: TURN_MS,
        warmUpRounds: warmUp(plan, WARM_UP_ROUNDS),
        budgetMs: plan.budgetMs / 3,
        minRounds: plan.minRounds,
        onRound: (share) => plan.onProgress((i + share) / BAD_KINDS.length),
      });
      const head = {
        id: `refused-${kind}`,
        title: `Refused: ${kind}, jid of 17 bytes`,
        item: 'token',
        leftOut,
      };
      tables.push(timesTable(head, timings));
    }
    return tables;
  },
};
