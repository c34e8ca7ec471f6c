import type { LoadedPeer } from '../peers/index.js';
import { type Case, casesOf } from '../workloads/cases.js';
import type { World } from '../workloads/world.js';

/**
 * Asks a peer about every case, and returns the first wrong answer, or undefined if all are right.
 * A peer that accepts a forged token does not verify tokens, so it is not timed.
 */
export async function faultOf(
  { peer, verifier }: LoadedPeer,
  world: World,
): Promise<string | undefined> {
  const isLate = peer.checkLater !== undefined;
  const { verify } = isLate
    ? await verifier.createLateVerifier(peer, world.hosts, world.clock)
    : await verifier.createVerifier(peer, world.hosts, world.clock);
  return faultIn(casesOf(world), async ({ jid, token }) => (await verify(jid, token)) === 0);
}

/** Returns the first case with a wrong answer. */
export async function faultIn(
  cases: readonly Case[],
  isAccepted: (each: Case) => boolean | Promise<boolean>,
): Promise<string | undefined> {
  for (const each of cases) {
    if ((await isAccepted(each)) !== each.isGood)
      return `${each.isGood ? 'refuses' : 'accepts'}: ${each.what}`;
  }
  return undefined;
}
