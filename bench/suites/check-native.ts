import { faultIn } from '../candidates/check.js';
import { NAME, type Native } from '../native/sha-ni.js';
import type { LeftOut } from '../peers/index.js';
import { casesOf } from '../workloads/cases.js';
import type { World } from '../workloads/world.js';

/** Puts the cases to the C program, one line at a time; gives what it answers wrongly. */
export async function checkNative(
  native: Native,
  world: World,
  domain: string,
): Promise<LeftOut | undefined> {
  // It holds the keys of one domain and knows no other.
  const cases = casesOf(world).filter(({ jid }) => jid.endsWith(`@${domain}`));
  const fault = await faultIn(cases, async ({ jid, token }) => {
    const line = new TextEncoder().encode(`${jid}\t${token}\n`);
    return (await native.verify(world.step, line)).accepted === 1;
  });
  return fault === undefined ? undefined : { name: NAME, reason: `answers wrongly: ${fault}` };
}
