import { median } from '../lib/statistics.js';
import { askOver } from './ask.js';
import { type Pair, type PairSpec, SERVERS, type ServerName, type Side } from './pairs.js';
import { lines, type Served, sessions } from './served.js';
import { type Stroke, wrk } from './wrk.js';

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
  const stroke = async (side: 'one' | 'other') => {
    const server = servers[side === 'one' ? spec.server : spec.other];
    if (spec.isOwnClient) return askOver(server, held[side], seconds);
    const requests = held[side] || (await lines(Math.ceil(45_000 * seconds)));
    return wrk(server, spec.way, requests, seconds);
  };
  for (let round = 0; round <= rounds; round++) {
    const first = round % 2 === 0 ? await stroke('one') : undefined;
    const other = await stroke('other');
    const one = first ?? (await stroke('one'));
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
