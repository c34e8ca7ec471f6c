import { median } from '../lib/statistics.js';
import { askOver } from './ask.js';
import { type Pair, type PairSpec, SERVERS, type ServerName, type Side } from './pairs.js';
import { lines, type Served, sessions } from './served.js';
import { type Turn, wrk } from './wrk.js';

/** The length of a first turn, in which the engine compiles hot code. */
const WARM_SECONDS = 4;

/** The extent of a measurement. */
export interface Length {
  readonly rounds: number;
  /** Of a turn. */
  readonly seconds: number;
  /** The connections that wrk keeps open. */
  readonly connections: number;
}

/** Measures a pair in turns. The first round warms up and does not count. */
export async function measurePair(
  spec: PairSpec,
  servers: Readonly<Record<ServerName, Served>>,
  { rounds, seconds, connections }: Length,
): Promise<Pair> {
  const turns: { one: Turn; other: Turn }[] = [];
  const held = { one: '', other: '' };
  if (spec.way === 'session') {
    // Each gateway needs its own sessions, because it signs with its own secret.
    for (const side of ['one', 'other'] as const) {
      const server = spec[side === 'one' ? 'server' : 'other'];
      const from = SERVERS[server].kind === 'gateway' ? servers[server] : servers.gateway;
      held[side] = (await sessions(from, spec.sessions ?? 1000)).join('\n');
    }
  }
  const turn = async (side: 'one' | 'other', length: number) => {
    const server = servers[side === 'one' ? spec.server : spec.other];
    if (spec.isOwnClient) return askOver(server, held[side], length);
    const requests = held[side] || (await lines(Math.ceil(45_000 * length)));
    return wrk(server, spec.way, requests, length, connections);
  };
  for (let round = 0; round <= rounds; round++) {
    const length = round === 0 ? WARM_SECONDS : seconds;
    const first = round % 2 === 0 ? await turn('one', length) : undefined;
    const other = await turn('other', length);
    const one = first ?? (await turn('one', length));
    if (round > 0) turns.push({ one, other });
  }
  const side = (name: 'one' | 'other'): Side => ({
    perSecond: Math.round(median(turns.map((each) => each[name].perSecond))),
    cpuUs: Number(median(turns.map((each) => each[name].cpuUs)).toFixed(1)),
  });
  const ratioOf = (ratio: (round: { one: Turn; other: Turn }) => number) =>
    Number(median(turns.map(ratio)).toFixed(2));
  return {
    one: side('one'),
    other: side('other'),
    ratio: ratioOf(({ one, other }) => one.perSecond / other.perSecond),
    cpuRatio: ratioOf(({ one, other }) => other.cpuUs / one.cpuUs),
    refused: turns.reduce((sum, { one, other }) => sum + one.refused + other.refused, 0),
  };
}
