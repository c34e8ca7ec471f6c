// Measures the gateway: against other handlers on the same server, with workers or a unix socket
// against one process over TCP, a streamed batch against verifyLines in memory, the time of an
// answer at half load, and memory over many verifications. Needs wrk and Linux.
//
//   npm run bench:gateway [-- --rounds N] [--seconds N] [--connections N] [--millions N]
//                             [--only NAME,…] [--save]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { beginMeasurement, saveMeasurement } from '../lib/measurement.js';
import { median } from '../lib/statistics.js';
import { textOfGoals, tookText } from '../lib/terminal.js';
import { writeTables } from '../report/write.js';
import { PAIRS, type Pair, type PairName, SERVERS, type ServerName } from './pairs.js';
import { type GatewayResults, gatewayGoals } from './results.js';
import { CAPACITY, createVerifier, HOSTS, lines, postBatch, Served, touchGuard } from './served.js';
import { measurePair } from './turns.js';
import { wrk } from './wrk.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    millions: { type: 'string', default: '10' },
    only: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const CHUNK = 50_000;
/** Batches by stream for each round of the pairs. */
const BATCHES = 4;
const measurement = beginMeasurement();
const folder = mkdtempSync(join(tmpdir(), 'totp-token-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The servers that were started for the pairs so far. */
const servers: Partial<Record<ServerName, Served>> = {};

async function start(name: ServerName): Promise<void> {
  if (servers[name] !== undefined) return;
  const spec: {
    kind: 'bare' | 'empty' | 'reading' | 'gateway';
    workers?: number;
    isSocket?: boolean;
    isLmdb?: boolean;
  } = SERVERS[name];
  const { kind, workers = 1, isSocket = false, isLmdb = false } = spec;
  const listen = isSocket ? `unix:${join(folder, `${name}.sock`)}` : '127.0.0.1:0';
  const served = await Served.start(kind, { workers, listen }, isLmdb);
  servers[name] = served;
}

/** Has every gateway with a guard in memory touch it. */
async function touchGuards(): Promise<void> {
  for (const [name, served] of Object.entries(servers)) {
    const { kind, isLmdb = false }: { kind: string; isLmdb?: boolean } =
      SERVERS[name as ServerName];
    if (kind === 'gateway' && !isLmdb) await touchGuard(served);
  }
}

async function pairOf(name: PairName): Promise<Pair> {
  const spec = PAIRS[name];
  for (const server of ['gateway', spec.server, spec.other] as const) await start(server);
  // Just before the turns: a virtual machine may take memory back that nobody has used for a while.
  if (spec.way !== 'session') await touchGuards();
  const pair = await measurePair(spec, servers as Record<ServerName, Served>, {
    rounds,
    seconds,
    connections,
  });
  console.log(name, JSON.stringify(pair));
  return pair;
}

const theGateway = () => servers.gateway as Served;

async function batch() {
  await touchGuards();
  const verifier = await createVerifier({ hosts: HOSTS, replay: { capacity: CAPACITY } });
  const ratios: number[] = [];
  /** Processor time, in microseconds: ticks are too coarse for one round. */
  const all = { gateway: 0, memory: 0 };
  for (let round = 0; round <= BATCHES * rounds; round++) {
    const [forStream, forMemory] = [await lines(CHUNK), await lines(CHUNK)];
    const cpuBefore = theGateway().cpuSeconds();
    const beganStream = performance.now();
    await postBatch(theGateway(), forStream, CHUNK);
    const streamMs = performance.now() - beganStream;
    const gatewayUs = (theGateway().cpuSeconds() - cpuBefore) * 1e6;
    const memoryBefore = process.cpuUsage();
    const began = performance.now();
    verifier.verifyLines(forMemory);
    const memoryMs = performance.now() - began;
    if (round === 0) continue;
    ratios.push(memoryMs / streamMs);
    const { user, system } = process.cpuUsage(memoryBefore);
    all.gateway += gatewayUs;
    all.memory += user + system;
  }
  verifier.dispose();
  return {
    ratio: Number(median(ratios).toFixed(2)),
    cpuRatio: Number((all.memory / all.gateway).toFixed(2)),
  };
}

/** Measures the time of an answer at about half load, with few connections. */
async function atHalfLoad() {
  const tokens = async (forSeconds: number) => lines(Math.ceil(45_000 * forSeconds));
  const full = (await wrk(theGateway(), 'verify', await tokens(seconds), seconds)).perSecond;
  const halfSeconds = 2 * seconds;
  const { perSecond, p50Us, p99Us } = await wrk(
    theGateway(),
    'verify',
    await tokens(halfSeconds),
    halfSeconds,
    1,
  );
  return { ofFull: Number((perSecond / full).toFixed(2)), perSecond, p50Us, p99Us };
}

async function memory(millions: number) {
  const mib = () => Math.round(theGateway().rss() / 2 ** 20);
  const samples = [mib()];
  for (let done = 0; done < millions * 1e6; done += CHUNK) {
    await postBatch(theGateway(), await lines(CHUNK), CHUNK);
    if ((done + CHUNK) % 1e6 === 0) samples.push(mib());
  }
  return { millions, guardMiB: Math.round((CAPACITY * 14 * 3) / 2 ** 20), samplesMiB: samples };
}

const names = (values.only?.split(',') ?? Object.keys(PAIRS)) as PairName[];
const pairs: Partial<Record<PairName, Pair>> = {};
for (const name of names) pairs[name] = await pairOf(name);
if (values.only === undefined) {
  const results: GatewayResults = {
    ...measurement(),
    pairs,
    batch: await batch(),
    halfLoad: await atHalfLoad(),
    memory: await memory(Number(values.millions)),
  };
  console.log(JSON.stringify(results, undefined, 1));
  console.log(`${textOfGoals(gatewayGoals(results))}\n${tookText(results)}`);
  if (values.save) {
    saveMeasurement('gateway', results);
    writeTables();
  }
}
for (const server of Object.values(servers)) await server.stop();
