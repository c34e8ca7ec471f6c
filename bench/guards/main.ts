// Measures how many tokens each replay guard accepts in a second, its processor time, and the time
// of a call: see docs/guards-sizing.md. Needs redis-server.
//
//   npm run bench:guards [-- --ms N] [--only STORE]... [--save]
import { parseArgs } from 'node:util';
import { beginMeasurement, saveMeasurement } from '../lib/measurement.js';
import { tookText } from '../lib/terminal.js';
import { writeTables } from '../report/write.js';
import { measureDrop } from './drop.js';
import { dropText } from './grid.js';
import { measure } from './measure.js';
import { type GuardsResults, perCore, type Row, WAYS } from './results.js';
import { STORES } from './stores.js';

/** The tokens that a busy site accepts in a step: 6,700 a second. */
const DROPPED = 200_000;
const DROPS = 5;

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '1500' },
    only: { type: 'string', multiple: true, default: [] },
    save: { type: 'boolean', default: false },
  },
});
const durationMs = Number(values.ms);
const measurement = beginMeasurement();
const rows: Row[] = [];
const bytes: Record<string, number> = {};

for (const make of STORES) {
  const store = await make();
  if (store === undefined) {
    console.warn('left out: Durable Objects, as workerd is not installed: npm test does that');
    continue;
  }
  const { name, pids } = store;
  if (isAsked(name)) {
    // Must run first, while the store has no freed room to reuse.
    bytes[name] = await store.bytes();
    for (const connections of store.connections) {
      for (const { name: way, batch, atOnce } of WAYS) {
        const subjects = await store.subjects(connections);
        const measured = await measure(subjects, { batch, atOnce, durationMs, pids });
        rows.push({ store: name, way, connections, ...measured });
        console.log(lineOf(rows.at(-1)!));
      }
    }
  }
  await store.close();
}
const lmdbDrop = isAsked('LMDB') ? await measureDrop(DROPPED, DROPS) : undefined;
if (lmdbDrop !== undefined) console.log(dropText(lmdbDrop));

const results: GuardsResults = { ...measurement(), bytes, rows, ...(lmdbDrop && { lmdbDrop }) };
console.log(tookText(results));
if (values.save) {
  saveMeasurement('guards', results);
  writeTables();
}

function isAsked(name: string): boolean {
  return values.only.length === 0 || values.only.some((only) => name.includes(only));
}

function lineOf(row: Row): string {
  const { store, way, connections, perSecond, p50Ms, p99Ms, ownUs, storeUs } = row;
  return `${store}, ${way}, ${connections}: ${perSecond} a second, ${p50Ms} / ${p99Ms} ms; ${ownUs} + ${storeUs} µs of processors a token, ${perCore(row)} a second and core`;
}
