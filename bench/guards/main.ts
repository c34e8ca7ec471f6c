// What each replay guard does in a second, and how long it takes: see docs/guards.md. Needs redis-server.
//
//   npm run bench:guards [-- --ms N] [--save]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ReplayGuard } from '../../src/index.js';
import { describeCommit, describeMachine, describeRuntime } from '../lib/machine.js';
import { RESULTS, ROOT } from '../lib/paths.js';
import { type Measured, measure } from './measure.js';
import { STORES } from './stores.js';

const CONNECTIONS = [1, 2, 4, 8];
/** Ways of asking: alone, from many clients at once, and as a gateway's batch. */
const WAYS = [
  { name: 'one by one', batch: 1, atOnce: 1 },
  { name: '64 at once', batch: 1, atOnce: 64 },
  { name: 'batches of 1,000', batch: 1000, atOnce: 2 },
] as const;
/** For bytes a mark: enough that a store's own size does not matter. */
const FILL = 200_000;

interface Row extends Measured {
  readonly store: string;
  readonly way: string;
  readonly connections: number;
}

const { values } = parseArgs({
  options: { ms: { type: 'string', default: '1500' }, save: { type: 'boolean', default: false } },
});
const durationMs = Number(values.ms);
const rows: Row[] = [];
const bytes: Record<string, number> = {};

for (const make of STORES) {
  const store = await make();
  const guards: ReplayGuard[] = [await store.open()];
  // First, while a store has no room that it could use again.
  bytes[store.name] = await bytesOfMark(guards[0] as ReplayGuard, () => store.bytes());
  for (const connections of CONNECTIONS) {
    while (guards.length < connections) guards.push(await store.open());
    for (const { name: way, batch, atOnce } of WAYS) {
      const row = {
        store: store.name,
        way,
        connections,
        ...(await measure(guards, { batch, atOnce, durationMs })),
      };
      rows.push(row);
      console.log(
        `${row.store}, ${way}, ${connections}: ${row.perSecond} a second, ${row.p50Ms} / ${row.p99Ms} ms`,
      );
    }
  }
  for (const guard of guards) await guard.close?.();
  await store.close();
}

/** Bytes that a mark adds. */
async function bytesOfMark(guard: ReplayGuard, size: () => Promise<number>): Promise<number> {
  const step = Math.floor(Date.now() / 30_000) + 5;
  const before = await size();
  for (let at = 0; at < FILL; at += 1000) {
    const marks = Array.from({ length: 1000 }, () => ({
      id: Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('base64'),
      step,
      expiresAtMs: (step + 2) * 30_000,
    }));
    await guard.remember(marks);
  }
  return Math.round(((await size()) - before) / FILL);
}

const results = {
  date: new Date().toISOString(),
  machine: describeMachine(),
  runtime: describeRuntime(),
  commit: describeCommit(),
  bytes,
  rows,
};
if (values.save) {
  const folder = join(RESULTS, 'guards');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${results.date.slice(0, 10)}.json`),
    `${JSON.stringify(results, undefined, 1)}\n`,
  );
  const page = join(ROOT, 'docs', 'guards.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(/(<!-- guards: .*? -->\n)[\s\S]*(<!-- \/guards -->)/, (_, a, b) => a + table() + b),
  );
}

/** The best of each store and way, as the docs show it. */
function table(): string {
  const cell = (store: string, way: string) => {
    const of = rows.filter((row) => row.store === store && row.way === way);
    const best = of.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
    return `${best.perSecond.toLocaleString('en')}, ${best.p50Ms} / ${best.p99Ms} ms (${best.connections})`;
  };
  const names = [...new Set(rows.map(({ store }) => store))];
  const lines = names.map(
    (store) =>
      `| ${store} | ${WAYS.map(({ name }) => cell(store, name)).join(' | ')} | ${bytes[store] || ''} |`,
  );
  return [
    `| store | ${WAYS.map(({ name }) => name).join(' | ')} | bytes a token |`,
    `| --- | ${WAYS.map(() => '---').join(' | ')} | --- |`,
    ...lines,
    '',
  ].join('\n');
}
