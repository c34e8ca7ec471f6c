import { freshLibrary, type Verifier } from '../lib/library.js';
import type { CurveTable, FiguresTable, Table } from '../lib/results.js';
import { alternate, type Candidate } from '../lib/rounds.js';
import { type Spread, spreadOf } from '../lib/statistics.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import type { Round } from '../workloads/round.js';
import { World } from '../workloads/world.js';
import { setOf } from './guard-set.js';
import type { Suite } from './suite.js';

/**
 * How many tokens the guard remembers when the rounds begin. A third of them is in each step of the
 * window.
 */
const ENTRIES = [0, 1_000_000, 10_000_000];
const QUICK_ENTRIES = [0, 100_000];
/** The tokens of a round. There are few, because they stay in the guard. */
const ITEMS = 1024;
const WARM_UP_ROUNDS = 20;
/** Extra capacity of each step for the tokens of the rounds, which all guards get alike. */
const SPARE = 150_000;
const MAX_ROUNDS_MS = 4000;
const STEPS = 3;
/**
 * Filling stops after this time, even if tokens are missing. Most of the time goes into issuing
 * them.
 */
const FILL_MS = 80_000;

const WAYS = ['one call', 'strings', 'bytes'] as const;

/**
 * Measures the time for each token, and the memory, depending on the number of tokens in the guard.
 * The clock is fixed, so no token is forgotten.
 */
export const guardSizes: Suite = {
  name: 'guard',
  isForFullRuns: true,
  title: 'guard sizes',
  async run(plan) {
    const set = JID_SETS[0]!;
    const world = await World.create([set.domain]);
    const jids = jidsOf(set, ITEMS);
    const all = plan.isQuick ? QUICK_ENTRIES : ENTRIES;
    const guards: Guard[] = [];
    for (const [i, entries] of all.entries()) {
      guards.push(
        ...(await guardsOf(world, jids, entries, (share) =>
          plan.onProgress((i + share) / all.length),
        )),
      );
    }
    const timings = await alternate({
      candidates: guards.map(candidateOf),
      nextWork: () => world.round(jids),
      items: ITEMS,
      turnMs: 1,
      warmUpRounds: WARM_UP_ROUNDS,
      budgetMs: Math.min(plan.budgetMs, MAX_ROUNDS_MS),
      minRounds: plan.minRounds,
    });
    const time = (way: string, entries: number): Spread =>
      spreadOf(timings.find(({ name }) => name === titleOf(way, entries))!.ns);
    const curve: CurveTable = {
      kind: 'curve',
      id: 'guard-sizes',
      title: 'What the guard holds, jid of 17 bytes, batches of 1,024',
      x: 'tokens remembered',
      y: 'ns a token',
      lines: WAYS.map((way) => ({
        name: way,
        points: guards
          .filter((guard) => guard.way === way)
          .map(({ entries: x }) => ({ x, y: time(way, x) })),
      })),
    };
    const tables: Table[] = [curve, memoryTable(guards)];
    for (const { verifier } of guards) verifier.dispose();
    return tables;
  },
};

interface Guard {
  readonly way: (typeof WAYS)[number];
  readonly entries: number;
  readonly verifier: Verifier;
}

const titleOf = (way: string, entries: number): string => `${way}, ${entries}`;

/** Verifiers of one size, one for each way, all filled with the same tokens. */
async function guardsOf(
  world: World,
  jids: readonly string[],
  entries: number,
  onProgress: (share: number) => void,
): Promise<Guard[]> {
  const guards: Guard[] = [];
  for (const way of WAYS) {
    const { createVerifier } = await freshLibrary();
    const capacity = Math.ceil(entries / STEPS) + SPARE;
    const verifier = await createVerifier({
      hosts: world.hosts,
      clock: world.clock,
      replay: { capacity },
    });
    guards.push({ way, entries, verifier });
  }
  const deadlineMs = performance.now() + FILL_MS;
  let filled = 0;
  for (; filled < entries && performance.now() < deadlineMs; filled += ITEMS) {
    const lines = world.round(jids).lines(ITEMS)[0]!;
    for (const { verifier } of guards) verifier.verifyLines(lines);
    onProgress(filled / entries);
  }
  return guards.map((guard) => ({ ...guard, entries: filled }));
}

function candidateOf({ way, entries, verifier }: Guard): Candidate<Round> {
  return {
    name: titleOf(way, entries),
    kind: 'ours',
    takesAll: true,
    ready: (round) => void (way === 'bytes' ? round.lines(ITEMS) : round.batches(ITEMS)),
    turn(round) {
      if (way === 'bytes') return verifier.verifyLines(round.lines(ITEMS)[0]!).accepted;
      if (way === 'strings') return verifier.verifyBatch(round.jids, round.tokens).accepted;
      const { jids, tokens } = round;
      let accepted = 0;
      for (let i = 0; i < ITEMS; i++) if (verifier.verify(jids[i]!, tokens[i]!).ok) accepted++;
      return accepted;
    },
  };
}

function memoryTable(guards: readonly Guard[]): FiguresTable {
  const figures = guards
    .filter(({ way, entries }) => way === 'bytes' && entries > 0)
    .map(({ entries, verifier }) => {
      const held = verifier.replay.generations.reduce((sum, each) => sum + each.entries, 0);
      const name = `guard of totp-token, ${entries.toLocaleString('en')} tokens filled in, tables over tokens`;
      return { name, value: verifier.replay.bytes / held, unit: 'bytes a token' };
    });
  return {
    kind: 'figures',
    id: 'guard-memory',
    title: 'Memory of what is remembered',
    figures: [...figures, ...setOf(Math.min(guards.at(-1)!.entries, 1_000_000))],
    note: "The guard's room is that of its capacity from the start; the system backs what was touched.",
  };
}
