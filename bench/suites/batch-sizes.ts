import { ALL_ACCEPTED, type Asking, nameOf, ours } from '../candidates/ours.js';
import type { CurveTable } from '../lib/results.js';
import { alternate } from '../lib/rounds.js';
import { spreadOf } from '../lib/statistics.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import { World } from '../workloads/world.js';
import { type Suite, TURN_MS } from './suite.js';

const SIZES = [1, 2, 3, 4, 8, 16, 64, 256, 1024, 4096, 16_384, 65_536];
const QUICK_SIZES = [1, 4, 64, 1024];
const WARM_UP_ROUNDS = 3;

/**
 * Measures the time for each token, depending on the size of a batch. All sizes use the same tokens
 * of a round, as many as the largest batch has, so that the caches help all of them equally.
 */
export const batchSizes: Suite = {
  name: 'batch-sizes',
  title: 'batch sizes',
  async run(plan) {
    const set = JID_SETS[0]!;
    const world = await World.create([set.domain]);
    const ways = ['strings', 'bytes'] as const;
    const sizes = plan.isQuick ? QUICK_SIZES : SIZES;
    const items = Math.max(...sizes);
    const jids = jidsOf(set, items);
    const askings = ways.flatMap((by) => sizes.map((size): Asking => ({ by, size })));
    const candidates = [];
    for (const asking of askings) candidates.push(await ours(asking, world, ALL_ACCEPTED));
    const timings = await alternate({
      candidates,
      nextWork() {
        world.advance();
        return world.round(jids);
      },
      items,
      turnMs: TURN_MS,
      warmUpRounds: WARM_UP_ROUNDS,
      budgetMs: plan.budgetMs,
      minRounds: plan.minRounds,
      onRound: plan.onProgress,
    });
    const lines = ways.map((by) => ({
      name: by,
      points: sizes.map((size) => ({
        x: size,
        y: spreadOf(timings.find(({ name }) => name === nameOf({ by, size }))!.ns),
      })),
    }));
    const title = 'Batch size, jid of 17 bytes';
    const table: CurveTable = {
      kind: 'curve',
      id: 'batch-sizes',
      title,
      x: 'tokens a batch',
      y: 'ns a token',
      lines,
    };
    return [table];
  },
};
