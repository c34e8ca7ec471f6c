import { freshCopy } from '../lib/fresh.js';
import type { LeftOut } from '../lib/results.js';
import type { Peer } from './peer.js';

/** The files of this folder with a peer, in the order of the tables. */
export const PEERS = [
  'node-create-hmac',
  'node-create-hmac-lean',
  'node-create-hmac-buffer',
  'node-idiomatic',
  'node-hash',
  'node-hash-copy',
  'bun-hmac',
  'bun-hmac-copy',
  'web-crypto',
  'noble-hmac',
  'noble-midstate',
  'hash-wasm',
  'hash-wasm-midstate',
  'fast-sha256',
  'stablelib-hmac',
  'js-sha256',
  'as-sha256',
  'sha-js',
  'sha256-wasm',
] as const;

/** A peer and its verification, with a separate copy of the code. */
export interface LoadedPeer {
  readonly id: string;
  readonly peer: Peer;
  readonly verifier: typeof import('./verifier.js');
}

/** Peers that were tried and are no longer measured. */
const NOT_MEASURED: readonly LeftOut[] = [
  { name: 'asmcrypto.js', reason: 'took ten times as long as createHmac when it was tried' },
];

/** Loads a peer, or returns the reason why it cannot run here. */
export async function loadPeer(id: string): Promise<LoadedPeer | LeftOut> {
  const load = freshCopy('peers');
  try {
    const { peer } = await load<{ peer: Peer }>(id);
    const reason = peer.absence?.();
    if (reason !== undefined) return { name: peer.name, reason };
    return { id, peer, verifier: await load('verifier') };
  } catch (error) {
    return {
      name: id,
      reason: `does not load here: ${error instanceof Error ? error.message : error}`,
    };
  }
}

export async function loadPeers(ids: readonly string[] = PEERS) {
  const loaded: LoadedPeer[] = [];
  const leftOut: LeftOut[] = ids === PEERS ? [...NOT_MEASURED] : [];
  for (const id of ids) {
    const each = await loadPeer(id);
    if ('reason' in each) leftOut.push(each);
    else loaded.push(each);
  }
  return { loaded, leftOut };
}
