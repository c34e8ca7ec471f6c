// A gateway under valid, forged and replayed tokens, over many steps and a rotation of its keys: every verdict is checked.
//
//   npm run soak [-- --minutes N] [--rate N] [--workers N] [--save]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine, describeRuntime } from '../lib/machine.js';
import { RESULTS } from '../lib/paths.js';
import { SoakedGateway } from './gateway.js';
import { Load } from './load.js';

const MINUTE_MS = 60_000;
/** How often memory is looked at. */
const SAMPLE_MS = 5000;
/** Until all processes have read a changed key file. */
const SETTLE_MS = 5000;
/** Longer than a token of the old key is good. */
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

const gateway = await SoakedGateway.start(Number(values.workers));
const load = new Load(gateway, Number(values.rate));
const memoryMiB: number[] = [];
const sampler = setInterval(() => memoryMiB.push(gateway.memoryMiB()), SAMPLE_MS);
const running = load.run(durationMs);

// Half-way: verifiers learn the next key, issuers move to it, and when no token of the old one is left, it goes.
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

// The first minute fills caches and compiles.
const settled = memoryMiB.slice(Math.min(12, memoryMiB.length >> 2));
const part = (from: number, to: number) => settled.slice(settled.length * from, settled.length * to);
const mean = (list: readonly number[]) =>
  list.reduce((sum, each) => sum + each, 0) / Math.max(1, list.length);
const results = {
  date: new Date().toISOString(),
  machine: describeMachine(),
  runtime: describeRuntime(),
  commit: describeCommit(),
  minutes: Number(values.minutes),
  workers: Number(values.workers),
  asked: load.asked,
  byKind: load.byKind,
  wrong: load.wrong,
  wrongExamples: load.wrongExamples,
  latencyMs: load.latencies(),
  steps: Math.round(durationMs / 30_000),
  memoryMiB: {
    firstQuarter: Math.round(mean(part(0, 0.25))),
    lastQuarter: Math.round(mean(part(0.75, 1))),
    most: Math.round(Math.max(...settled)),
  },
  ...counted,
  ...ended,
};
console.log(JSON.stringify(results, undefined, 1));
if (values.save) {
  const folder = join(RESULTS, 'soak');
  mkdirSync(folder, { recursive: true });
  const file = `${results.date.slice(0, 10)}-workers-${results.workers}.json`;
  writeFileSync(join(folder, file), `${JSON.stringify(results, undefined, 1)}\n`);
}
if (load.wrong > 0 || counted.faults > 0 || ended.stderr !== '' || ended.exitCode !== 0) process.exitCode = 1;
