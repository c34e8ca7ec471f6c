import type { GuardedVerifier, ReplayGuard } from '../../src/index.js';
import { freshLibrary } from '../lib/library.js';

const { createGuardedVerifier, createIssuer, generateKeys } = await freshLibrary();

const HOST = 'example.com';
const HOSTS = { [HOST]: generateKeys() };
const JID = `alice@${HOST}`;
const issuer = await createIssuer({ hosts: HOSTS });

/** What one way of asking came to. */
export interface Measured {
  /** Accepted tokens in a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Has verifiers accept tokens for a while, each with a guard and connections of its own.
 *
 * @param batch - Tokens in a call.
 * @param atOnce - Calls under way, of each verifier.
 */
export async function measure(
  guards: readonly ReplayGuard[],
  { batch, atOnce, durationMs }: { batch: number; atOnce: number; durationMs: number },
): Promise<Measured> {
  const verifiers = await Promise.all(
    guards.map((guard) => createGuardedVerifier({ hosts: HOSTS, guard, guardTimeoutMs: 30_000 })),
  );
  const jids = Array(batch).fill(JID);
  let accepted = 0;
  const latencies: number[] = [];
  const call = async (verifier: GuardedVerifier) => {
    const tokens = jids.map(() => issuer.issue(JID));
    const began = performance.now();
    const verdicts = await verifier.verifyBatch(jids, tokens);
    latencies.push(performance.now() - began);
    accepted += verdicts.accepted;
  };
  const began = performance.now();
  const end = began + durationMs;
  const work = async (verifier: GuardedVerifier) => {
    while (performance.now() < end) await call(verifier);
  };
  await Promise.all(verifiers.flatMap((verifier) => Array.from({ length: atOnce }, () => work(verifier))));
  const seconds = (performance.now() - began) / 1000;
  for (const verifier of verifiers) verifier.dispose();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
  return { perSecond: Math.round(accepted / seconds), p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** A guard that answers at once and remembers nothing: what all but the store costs. */
export const NO_STORE: ReplayGuard = {
  remember: async (marks) => marks.map(() => 'fresh'),
};
