import { describeRuntime } from '../lib/machine.js';
import type { FiguresTable } from '../lib/results.js';
import { runProgram } from '../lib/run-program.js';
import type { Allocations, HeapAsk } from '../programs/messages.js';
import { badRound } from '../workloads/bad.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import { World } from '../workloads/world.js';
import type { Suite } from './suite.js';

const CALLS = 100_000;
const QUICK_CALLS = 40_000;
/** So much memory that no garbage collection happens during the measurement. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'];

/** Measures the bytes that one call leaves on the heap. */
export const heap: Suite = {
  name: 'heap',
  isForFullRuns: true,
  title: 'allocation of one call',
  async run({ isQuick }) {
    const calls = isQuick ? QUICK_CALLS : CALLS;
    const title = `Heap taken by one call, median of 20 parts of ${calls.toLocaleString('en')} calls`;
    const head = { kind: 'figures', id: 'heap', title } as const;
    if (describeRuntime().name === 'Bun') {
      return [
        {
          ...head,
          figures: [],
          note: 'Left out: JavaScriptCore does not tell.',
        } satisfies FiguresTable,
      ];
    }
    const set = JID_SETS[0]!;
    const world = await World.create([set.domain]);
    const jids = jidsOf(set, calls);
    const { tokens } = world.round(jids);
    const wrongOtp = badRound(world, jids, 'wrong-otp').tokens;
    const forged = badRound(world, jids, 'bad-signature').tokens;
    const ask: HeapAsk = { hosts: world.hosts, nowMs: world.nowMs, jids, tokens, wrongOtp, forged };
    const { figures, collections } = await runProgram<Allocations>('programs/heap', ask, FLAGS);
    const table: FiguresTable = {
      ...head,
      figures: figures.map(({ name, bytesACall }) => ({
        name,
        value: bytesACall,
        unit: 'bytes a call',
      })),
      note: `${collections} garbage collections fell into it.`,
    };
    return [table];
  },
};
