import { median } from '../lib/statistics.js';
import { askOver } from './ask.js';
import { type Pair, type PairSpec, SERVERS, type ServerName, type Side } from './pairs.js';
import { lines, type Served, sessions } from './served.js';
import { type Stroke, wrk } from './wrk.js';

/** So long a first stroke, in which the engine compiles what is hot. */
const WARM_SECONDS = 4;

/** Measures a pair in turns; the first round warms up and does not count. */
export async function measurePair(
  spec: PairSpec,
  servers: Readonly<Record<ServerName, Served>>,
  rounds: number,
  seconds: number,
): Promise<Pair> {
  const strokes: { one: Stroke; other: Stroke }[] = [];
  const held = { one: '', other: '' };
  if (spec.way === 'session') {
    // Of each gateway its own: it signs with a secret of its own.
    for (const side of ['one', 'other'] as const) {
      const server = spec[side === 'one' ? 'server' : 'other'];
      const from = SERVERS[server].kind === 'gateway' ? servers[server] : servers.gateway;
      held[side] = (await sessions(from, spec.sessions ?? 1000)).join('\n');
    }
  }
  const stroke = async (side: 'one' | 'other', length: number) => {
    const server = servers[side === 'one' ? spec.server : spec.other];
    if (spec.isOwnClient) return askOver(server, held[side], length);
    const requests = held[side] || (await lines(Math.ceil(45_000 * length)));
    return wrk(server, spec.way, requests, length);
  };
  for (let round = 0; round <= rounds; round++) {
    const length = round === 0 ? WARM_SECONDS : seconds;
    const first = round % 2 === 0 ? await stroke('one', length) : undefined;
    const other = await stroke('other', length);
    const one = first ?? (await stroke('one', length));
    if (round > 0) strokes.push({ one, other });
  }
  const side = (name: 'one' | 'other'): Side => ({
    perSecond: Math.round(median(strokes.map((each) => each[name].perSecond))),
    cpuUs: Number(median(strokes.map((each) => each[name].cpuUs)).toFixed(1)),
  });
  const ratioOf = (ratio: (round: { one: Stroke; other: Stroke }) => number) =>
    Number(median(strokes.map(ratio)).toFixed(2));
  return {
    one: side('one'),
    other: side('other'),
    ratio: ratioOf(({ one, other }) => one.perSecond / other.perSecond),
    cpuRatio: ratioOf(({ one, other }) => other.cpuUs / one.cpuUs),
    refused: strokes.reduce((sum, { one, other }) => sum + one.refused + other.refused, 0),
  };
}
