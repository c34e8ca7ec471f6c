import { faultOf } from '../candidates/check.js';
import { ALL_ACCEPTED, type Asking, ours } from '../candidates/ours.js';
import { peerCandidates } from '../candidates/peers.js';
import type { LeftOut } from '../lib/results.js';
import { type TimesTable, timesTable } from '../lib/results.js';
import { alternate, type Candidate, type Timing } from '../lib/rounds.js';
import { type LoadedPeer, loadPeers } from '../peers/index.js';
import { JID_SETS, type JidSet, jidsOf } from '../workloads/jids.js';
import type { Round } from '../workloads/round.js';
import { World } from '../workloads/world.js';
import { nativeSide } from './native-side.js';
import { type Plan, type Suite, TURN_MS, warmUp } from './suite.js';

/**
 * The tokens of a round: more than a batch, but few enough that the strings stay in the processor's
 * caches.
 */
const ITEMS = 2048;
const WARM_UP_ROUNDS = 30;
const QUICK_SETS = 1;

const ASKINGS: readonly Asking[] = [
  { by: 'call', size: 1 },
  { by: 'strings', size: 64 },
  { by: 'strings', size: 1024 },
  { by: 'bytes', size: 64 },
  { by: 'bytes', size: 1024 },
];

/** Measures everything from parsing to the replay guard, for tokens that are all accepted. */
export const verification: Suite = {
  name: 'verification',
  title: 'full verification',
  async run(plan) {
    const sets = plan.isQuick ? JID_SETS.slice(0, QUICK_SETS) : JID_SETS;
    const world = await World.create([...new Set(JID_SETS.map(({ domain }) => domain))]);
    const { candidates, leftOut } = await checkedCandidates(world);
    const tables: TimesTable[] = [];
    for (const [i, set] of sets.entries()) {
      const part = {
        ...plan,
        onProgress: (share: number) => plan.onProgress((i + share) / sets.length),
      };
      const native = await nativeSide(world, set.domain, ITEMS);
      const all = [...candidates, ...native.candidates];
      tables.push(await tableOf(set, world, all, [...leftOut, ...native.leftOut], part));
      native.stop();
    }
    return tables;
  },
};

/** Our candidates, and every peer whose answers are right. */
async function checkedCandidates(world: World) {
  const { loaded, leftOut } = await loadPeers();
  const faulty: LeftOut[] = [];
  const right: LoadedPeer[] = [];
  for (const each of loaded) {
    const fault = await faultOf(each, world);
    if (fault === undefined) right.push(each);
    else faulty.push({ name: each.peer.name, reason: `answers wrongly: ${fault}` });
  }
  const candidates: Candidate<Round>[] = [];
  for (const asking of ASKINGS) candidates.push(await ours(asking, world, ALL_ACCEPTED));
  for (const each of right) candidates.push(...(await peerCandidates(each, world, ALL_ACCEPTED)));
  return { candidates, leftOut: [...leftOut, ...faulty] };
}

async function tableOf(
  set: JidSet,
  world: World,
  candidates: readonly Candidate<Round>[],
  leftOut: readonly LeftOut[],
  plan: Plan,
): Promise<TimesTable> {
  const timings = await timingsOf(set, world, candidates, plan);
  const head = { id: set.id, title: `Full verification, ${set.title}`, item: 'token', leftOut };
  return timesTable(head, timings);
}

/** Runs rounds of tokens that are all accepted. The candidates take turns. */
export function timingsOf(
  set: JidSet,
  world: World,
  candidates: readonly Candidate<Round>[],
  plan: Plan,
): Promise<Timing[]> {
  const jids = jidsOf(set, ITEMS);
  return alternate({
    candidates,
    nextWork() {
      world.advance();
      return world.round(jids);
    },
    items: ITEMS,
    turnMs: TURN_MS,
    warmUpRounds: warmUp(plan, WARM_UP_ROUNDS),
    budgetMs: plan.budgetMs,
    minRounds: plan.minRounds,
    onRound: plan.onProgress,
  });
}
