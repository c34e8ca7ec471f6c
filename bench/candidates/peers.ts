import type { Candidate } from '../lib/rounds.js';
import type { LoadedPeer } from '../peers/index.js';
import type { LatePeerVerifier } from '../peers/verifier.js';
import type { Round } from '../workloads/round.js';
import type { World } from '../workloads/world.js';
import type { Expectation } from './ours.js';

/** How many verifications are under way at a time, for a peer that answers asynchronously. */
const AT_ONCE = [64, 1000];

/** The candidates of a peer: one, or several if it answers asynchronously. */
export async function peerCandidates(
  { peer, verifier }: LoadedPeer,
  world: World,
  { code, isShownBefore }: Expectation,
): Promise<Candidate<Round>[]> {
  if (peer.checkLater !== undefined) {
    const create = () => verifier.createLateVerifier(peer, world.hosts, world.clock);
    const candidates = [oneByOne(peer.name, await create(), code)];
    for (const many of AT_ONCE) candidates.push(manyAtOnce(peer.name, many, await create(), code));
    return candidates;
  }
  const { count } = await verifier.createVerifier(peer, world.hosts, world.clock);
  return [
    {
      name: peer.name,
      kind: 'peer',
      turn: ({ jids, tokens }, items) => count(jids, tokens, items, code),
      ...(isShownBefore && {
        ready: ({ jids, tokens }, items) => void count(jids, tokens, items, code),
      }),
    },
  ];
}

function oneByOne(name: string, verifier: LatePeerVerifier, code: number): Candidate<Round> {
  return {
    name: `${name}, one by one`,
    kind: 'peer',
    async turn({ jids, tokens }, items) {
      let right = 0;
      for (let i = 0; i < items; i++)
        if ((await verifier.verify(jids[i]!, tokens[i]!)) === code) right++;
      return right;
    },
  };
}

function manyAtOnce(
  name: string,
  many: number,
  verifier: LatePeerVerifier,
  code: number,
): Candidate<Round> {
  return {
    name: `${name}, ${many.toLocaleString('en')} at once`,
    kind: 'peer',
    multiple: many,
    ready: (round) => void round.batches(many),
    async turn(round, items) {
      let right = 0;
      for (const { jids, tokens } of round.batches(many).slice(0, items / many)) {
        const codes = await Promise.all(tokens.map((token, i) => verifier.verify(jids[i]!, token)));
        right += codes.filter((each) => each === code).length;
      }
      return right;
    },
  };
}
