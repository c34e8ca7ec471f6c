import type { LoadedPeer } from '../peers/index.js';
import { type Case, casesOf } from '../workloads/cases.js';
import type { World } from '../workloads/world.js';

/**
 * Puts every case to a peer, and says which it answers wrongly; undefined when none. A peer that
 * accepts a forged token is not a slower or faster verification but none, so it is not timed.
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

/** The first case that gets another answer than it must. */
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
