// The gateway against an empty handler on the same server (and, for a token in a body, one that
// only reads it), a batch by stream against verifyLines in memory, the time of an answer at half
// load, and memory over many verifications. Needs wrk.
//
//   npm run bench:gateway [-- --rounds N] [--seconds N] [--millions N] [--save]
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { parseArgs } from 'node:util';
import { beginMeasurement, saveMeasurement } from '../lib/measurement.js';
import { textOfGoals, tookText } from '../lib/terminal.js';
import { writeTables } from '../report/write.js';
import { type GatewayResults, gatewayGoals, type Single } from './results.js';
import { createVerifier, HOSTS, lines, Served } from './served.js';
import { type Way, wrk } from './wrk.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    millions: { type: 'string', default: '10' },
    save: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
const CHUNK = 50_000;
const measurement = beginMeasurement();

const servers = {
  empty: await Served.start('empty'),
  reading: await Served.start('reading'),
  gateway: await Served.start('gateway', 4_000_000),
};

async function single(way: Way, other: 'empty' | 'reading'): Promise<Single> {
  const ratios: number[] = [];
  const perSecond = { other: [] as number[], gateway: [] as number[] };
  let refused = 0;
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 ? ([other, 'gateway'] as const) : (['gateway', other] as const);
    const stroke = { other: 0, gateway: 0 };
    for (const kind of order) {
      const result = await wrk(servers[kind].url, way, seconds);
      stroke[kind === 'gateway' ? 'gateway' : 'other'] = result.perSecond;
      if (kind === 'gateway') refused += result.refused;
    }
    // The first one warms up.
    if (round === 0) continue;
    ratios.push(stroke.gateway / stroke.other);
    perSecond.other.push(stroke.other);
    perSecond.gateway.push(stroke.gateway);
  }
  return {
    otherPerSecond: median(perSecond.other),
    gatewayPerSecond: median(perSecond.gateway),
    ratio: Number(median(ratios).toFixed(2)),
    refused,
  };
}

/**
 * By the plainest client there is: it works on the other half of the same core, and what it takes
 * the server lacks.
 */
async function postBatch(body: Buffer): Promise<number> {
  const began = performance.now();
  const headers = {
    'content-type': 'text/tab-separated-values',
    accept: 'text/plain',
    'content-length': body.length,
  };
  const sent = request(`${servers.gateway.url}/v1/verify/batch`, { method: 'POST', headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let accepted = 0;
  for await (const part of response) accepted += (part as Buffer).length;
  if (accepted !== 9 * CHUNK) throw new Error('not all were accepted');
  return (performance.now() - began) / CHUNK;
}

async function batch() {
  const verifier = await createVerifier({ hosts: HOSTS, replay: { capacity: 4_000_000 } });
  const ratios: number[] = [];
  for (let round = 0; round <= 2 * rounds; round++) {
    const [forStream, forMemory] = [await lines(CHUNK), await lines(CHUNK)];
    const streamMs = await postBatch(forStream);
    const began = performance.now();
    verifier.verifyLines(forMemory);
    const memoryMs = (performance.now() - began) / CHUNK;
    if (round > 0) ratios.push(memoryMs / streamMs);
  }
  verifier.dispose();
  return { ratio: Number(median(ratios).toFixed(2)) };
}

/** With so few connections that it does about half of what it can: how long an answer takes. */
async function atHalfLoad() {
  const { url } = servers.gateway;
  const full = (await wrk(url, 'verify', seconds)).perSecond;
  const { perSecond, p50Us, p99Us } = await wrk(url, 'verify', 2 * seconds, 1);
  return { ofFull: Number((perSecond / full).toFixed(2)), perSecond, p50Us, p99Us };
}

async function memory(millions: number) {
  const mib = async () => Math.round((await servers.gateway.rss()) / 2 ** 20);
  const samples = [await mib()];
  for (let done = 0; done < millions * 1e6; done += CHUNK) {
    await postBatch(await lines(CHUNK));
    if ((done + CHUNK) % 1e6 === 0) samples.push(await mib());
  }
  return { millions, guardMiB: Math.round((4_000_000 * 14 * 3) / 2 ** 20), samplesMiB: samples };
}

const measured = {
  auth: await single('auth', 'empty'),
  verify: await single('verify', 'empty'),
  verifyAndReading: await single('verify', 'reading'),
  batch: await batch(),
  halfLoad: await atHalfLoad(),
  memory: await memory(Number(values.millions)),
};
const results: GatewayResults = { ...measurement(), ...measured };
for (const server of Object.values(servers)) await server.stop();
console.log(JSON.stringify(results, undefined, 1));
console.log(`${textOfGoals(gatewayGoals(results))}\n${tookText(results)}`);
if (values.save) {
  saveMeasurement('gateway', results);
  writeTables();
}
