// Runs a gateway under valid, forged and replayed tokens, over many steps and a rotation of its
// keys. Every verdict is checked with its reason. At the end, memory must have stopped growing.
//
//   npm run soak [-- --minutes N] [--rate N] [--workers N] [--save]
import { parseArgs } from 'node:util';
import { growthOf } from '../lib/growth.js';
import { beginMeasurement, saveMeasurement } from '../lib/measurement.js';
import { textOfGoals, tookText } from '../lib/terminal.js';
import { writeTables } from '../report/write.js';
import { SoakedGateway } from './gateway.js';
import { Load } from './load.js';
import { type SoakResults, soakGoals } from './results.js';

const MINUTE_MS = 60_000;
/** How often memory is measured. */
const SAMPLE_MS = 1000;
/** The time until all processes have read a changed key file. */
const SETTLE_MS = 5000;
/** Longer than the lifetime of a token of the old key. */
const OVERLAP_MS = 2 * MINUTE_MS;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '500' },
    workers: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});
const durationMs = Number(values.minutes) * MINUTE_MS;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const measurement = beginMeasurement();
const gateway = await SoakedGateway.start(Number(values.workers));
const load = new Load(gateway, Number(values.rate));
const memoryMiB: number[] = [];
const sampler = setInterval(() => memoryMiB.push(gateway.memoryMiB()), SAMPLE_MS);
const running = load.run(durationMs);

// Half-way through, verifiers learn the next key and issuers move to it. The old key is removed
// when all of its tokens have expired.
await pause(durationMs / 2);
await gateway.rotate('begin');
await pause(SETTLE_MS);
load.useKeys(gateway.keys);
await pause(Math.min(OVERLAP_MS, durationMs / 4));
await gateway.rotate('end');
await pause(SETTLE_MS);
load.mayForgetOldKeys();

await running;
clearInterval(sampler);
const counted = await gateway.counted();
const ended = await gateway.stop();

const { middleThird, lastThird, ratio } = growthOf(memoryMiB);
// The gateway's own count must agree with the answers. If it counted less, there were refusals
// without a reason.
const uncounted = Math.max(0, load.closed - (counted.codes['guard-unavailable'] ?? 0));
const results: SoakResults & typeof counted = {
  ...measurement(),
  minutes: Number(values.minutes),
  workers: Number(values.workers),
  asked: load.asked,
  byKind: load.byKind,
  wrong: load.wrong + uncounted,
  wrongExamples: load.wrongExamples,
  failedClosed: load.failedClosed,
  latencyMs: load.latencies(),
  steps: Math.round(durationMs / 30_000),
  memoryMiB: {
    middleThird: Math.round(middleThird),
    lastThird: Math.round(lastThird),
    ratio: Number(ratio.toFixed(3)),
    most: Math.round(Math.max(...memoryMiB)),
  },
  ...counted,
  ...ended,
};
console.log(JSON.stringify(results, undefined, 1));
console.log(
  'A wrong verdict is an acceptance that must not be, or a refusal for another reason than the right one; guard-unavailable, ' +
    'as answered and counted by the gateway, is the guard failing closed, and stands by itself.',
);
const goals = soakGoals(results);
console.log(`${textOfGoals(goals)}\n${tookText(results)}`);
if (values.save) {
  saveMeasurement(`soak-workers-${results.workers}`, results);
  writeTables();
}
if (goals.some(({ isMet }) => !isMet)) process.exitCode = 1;
