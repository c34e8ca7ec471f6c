import { ALL_ACCEPTED, type Asking, KERNEL, ours, overKernel } from '../candidates/ours.js';
import { type Kernel, loadKernel } from '../lib/kernel.js';
import type { FiguresTable } from '../lib/results.js';
import type { Candidate, Timing } from '../lib/rounds.js';
import { median } from '../lib/statistics.js';
import { JID_SETS } from '../workloads/jids.js';
import type { Round } from '../workloads/round.js';
import { World } from '../workloads/world.js';
import type { Suite } from './suite.js';
import { timingsOf } from './verification.js';

const LANES = 4;
const ASKINGS: readonly Asking[] = [
  { by: 'bytes', size: 1024 },
  { by: 'strings', size: 1024 },
];

/**
 * Measures how much of a batch is not hashing: its time divided by the time of the four-lane
 * compressions alone, in the same process and the same rounds.
 */
export const hashKernel: Suite = {
  name: 'kernel',
  isForFullRuns: true,
  title: 'batches and the hash alone',
  async run(plan) {
    const set = JID_SETS[0]!;
    const head = {
      kind: 'figures',
      id: 'kernel',
      title: 'Batches over the hash alone, jid of 17 bytes',
    } as const;
    if (process.env.TOTP_TOKEN_DIST !== undefined) {
      const note = 'Left out: the kernel is that of build/, and another build is measured.';
      return [{ ...head, figures: [], note } satisfies FiguresTable];
    }
    const world = await World.create([set.domain]);
    const candidates = [kernelCandidate(await loadKernel())];
    for (const asking of ASKINGS) candidates.push(await ours(asking, world, ALL_ACCEPTED));
    const timings = await timingsOf(set, world, candidates, plan);
    return [{ ...head, figures: figuresOf(timings) } satisfies FiguresTable];
  },
};

function kernelCandidate(kernel: Kernel): Candidate<Round> {
  return {
    name: KERNEL,
    kind: 'ours',
    takesAll: true,
    turn(_, items) {
      kernel(items / LANES);
      return items;
    },
  };
}

/** Medians. Ratios and differences are computed within a round. */
function figuresOf([kernel, ...batches]: readonly Timing[]): FiguresTable['figures'] {
  const alone = kernel!.ns;
  const name = `${KERNEL}: three blocks of SHA-256, in four lanes`;
  return [
    { name, value: median(alone), unit: 'ns a token' },
    ...batches.flatMap((batch, i) => [
      {
        name: overKernel(ASKINGS[i]!),
        value: median(batch.ns.map((ns, round) => ns / alone[round]!)),
        unit: '×',
      },
      {
        name: `${batch.name}, what is not the hash`,
        value: median(batch.ns.map((ns, round) => ns - alone[round]!)),
        unit: 'ns a token',
      },
    ]),
  ];
}
