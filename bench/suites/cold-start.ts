import type { CurveTable, FiguresTable, Table } from '../lib/results.js';
import { runProgram } from '../lib/run-program.js';
import { median, spreadOf } from '../lib/statistics.js';
import type { Ask, FirstCalls, Start } from '../programs/messages.js';
import { JID_SETS, jidsOf } from '../workloads/jids.js';
import { World } from '../workloads/world.js';
import type { Suite } from './suite.js';

const CALLS = 10_000;
const PROCESSES = 9;
const QUICK_PROCESSES = 3;

/** Measures fresh processes. */
export const coldStart: Suite = {
  name: 'cold-start',
  title: 'cold start',
  async run({ isQuick, onProgress }) {
    const set = JID_SETS[0]!;
    const world = await World.create([set.domain]);
    const { jids, tokens } = world.round(jidsOf(set, CALLS));
    const ask: Omit<Ask, 'by'> = { hosts: world.hosts, nowMs: world.nowMs, jids, tokens };
    const [starts, ours, node]: [Start[], FirstCalls[], FirstCalls[]] = [[], [], []];
    const processes = isQuick ? QUICK_PROCESSES : PROCESSES;
    for (let i = 0; i < processes; i++) {
      starts.push(await runProgram<Start>('programs/instantiate', {}));
      ours.push(await runProgram<FirstCalls>('programs/first-calls', { ...ask, by: 'totp-token' }));
      node.push(
        await runProgram<FirstCalls>('programs/first-calls', { ...ask, by: 'node:crypto' }),
      );
      onProgress((i + 1) / processes);
    }
    return [figures(starts, ours, node), tierUp(ours, node)];
  },
};

function figures(starts: Start[], ours: FirstCalls[], node: FirstCalls[]): FiguresTable {
  const kiB = (starts[0]?.wasmBytes ?? 0) / 1024;
  const ms = (name: string, sample: readonly number[]) => ({
    name,
    value: median(sample),
    unit: 'ms',
  });
  return {
    kind: 'figures',
    id: 'cold-start',
    title: 'Cold start, a process each time',
    figures: [
      { name: 'core.wasm', value: kiB, unit: 'KiB' },
      ms(
        'new WebAssembly.Module',
        starts.map(({ compileMs }) => compileMs),
      ),
      ms(
        'new WebAssembly.Instance',
        starts.map(({ instantiateMs }) => instantiateMs),
      ),
      ms(
        'import of totp-token',
        ours.map(({ importMs }) => importMs),
      ),
      ms(
        'createVerifier to the first verdict',
        ours.map(({ firstVerdictMs }) => firstVerdictMs),
      ),
      ms(
        'node:crypto createHmac: import',
        node.map(({ importMs }) => importMs),
      ),
      ms(
        'node:crypto createHmac: made to the first verdict',
        node.map(({ firstVerdictMs }) => firstVerdictMs),
      ),
    ],
  };
}

function tierUp(ours: FirstCalls[], node: FirstCalls[]): Table {
  const line = (name: string, runs: FirstCalls[]) => ({
    name,
    points: runs[0]!.means.map(({ calls }, i) => ({
      x: calls,
      y: spreadOf(runs.map((run) => run.means[i]!.ns)),
    })),
  });
  const curve: CurveTable = {
    kind: 'curve',
    id: 'tier-up',
    title: 'Tier-up: mean of the first calls of a process, jid of 17 bytes',
    x: 'calls',
    y: 'ns a call, mean of all so far',
    lines: [line('totp-token, one call', ours), line('node:crypto createHmac(KeyObject)', node)],
  };
  return curve;
}
