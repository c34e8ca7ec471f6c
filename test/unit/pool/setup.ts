/** Pools for a suite, with what its tests verify. */
import { afterEach } from 'vitest';
import { createIssuer, generateKeys } from '../../../dist/index.js';
// The threads run what is published: a worker is a file of its own, and in src/ that is TypeScript.
import {
  createVerifierPool,
  type PoolOptions,
  type VerifierPool,
} from '../../../dist/pool/index.js';

export const NOW = 1_700_000_000_000;
export const clock = () => NOW;
export const hosts = {
  'example.com': generateKeys(),
  'two.example': [generateKeys(), generateKeys()],
};
export const issuer = await createIssuer({ hosts, clock });

let open: VerifierPool[] = [];

/** Closes the pools of each test. */
export function closePools(): void {
  afterEach(async () => {
    await Promise.all(open.map((pool) => pool.close()));
    open = [];
  });
}

export async function poolOf(options: PoolOptions = {}): Promise<VerifierPool> {
  const small = { hosts, clock, threads: 2, replay: { capacity: 50_000 } };
  const pool = await createVerifierPool({ ...small, ...options });
  open.push(pool);
  return pool;
}

export function issue(count: number): { jids: string[]; tokens: string[]; lines: Uint8Array } {
  const jids = Array.from(
    { length: count },
    (_, i) => `u${i % 97}@${i % 3 ? 'example.com' : 'two.example'}`,
  );
  const tokens = jids.map((jid, i) => issuer.issue(jid, { timeMs: NOW + ((i % 3) - 1) * 30_000 }));
  return { jids, tokens, lines: linesOf(jids, tokens) };
}

export function linesOf(jids: readonly string[], tokens: readonly string[]): Uint8Array {
  return new TextEncoder().encode(jids.map((jid, i) => `${jid}\t${tokens[i]}\n`).join(''));
}
