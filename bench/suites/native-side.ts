import { faultIn } from '../candidates/check.js';
import type { LeftOut } from '../lib/results.js';
import type { Candidate } from '../lib/rounds.js';
import { NATIVE } from '../native/name.js';
import { compileNative, Native, nativeCandidate } from '../native/sha-ni.js';
import { casesOf } from '../workloads/cases.js';
import type { Round } from '../workloads/round.js';
import type { World } from '../workloads/world.js';

/** The C program as a candidate, or the reason why it cannot run. */
export interface NativeSide {
  readonly candidates: readonly Candidate<Round>[];
  readonly leftOut: readonly LeftOut[];
  stop(): void;
}

/**
 * Compiles and starts the program with the keys of one domain, and checks its answers to the cases.
 */
export async function nativeSide(world: World, domain: string, items: number): Promise<NativeSide> {
  const compiled = compileNative();
  if ('reason' in compiled) return without(compiled);
  const native = new Native(compiled.program, world, domain);
  const reason = await faultOf(native, world, domain);
  if (reason === undefined) {
    return { candidates: [nativeCandidate(native, items)], leftOut: [], stop: () => native.stop() };
  }
  native.stop();
  return without({ name: NATIVE, reason: `answers wrongly: ${reason}` });
}

const without = (leftOut: LeftOut): NativeSide => ({
  candidates: [],
  leftOut: [leftOut],
  stop() {},
});

/** Asks the C program about the cases, one line at a time. Returns its first wrong answer. */
async function faultOf(native: Native, world: World, domain: string): Promise<string | undefined> {
  // The program has the keys of only one domain.
  const cases = casesOf(world).filter(({ jid }) => jid.endsWith(`@${domain}`));
  return faultIn(cases, async ({ jid, token }) => {
    const line = new TextEncoder().encode(`${jid}\t${token}\n`);
    return (await native.verify(world.step, line)).accepted === 1;
  });
}
