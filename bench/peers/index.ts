import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshCopy } from '../lib/fresh.js';
import { ROOT } from '../lib/paths.js';
import type { Peer } from './peer.js';

const HERE = dirname(fileURLToPath(import.meta.url));

export const BASELINE = 'node-create-hmac';

/** The files of this folder that hold a peer, in the order of the tables. */
export const PEERS = [
  BASELINE,
  'node-create-hmac-lean',
  'node-create-hmac-buffer',
  'node-hash',
  'node-hash-copy',
  'bun-hmac',
  'bun-hmac-copy',
  'web-crypto',
  'noble-hmac',
  'noble-midstate',
  'hash-wasm',
  'fast-sha256',
  'stablelib-hmac',
  'js-sha256',
  'as-sha256',
] as const;

/** A peer, and the verification around it, with code of its own. */
export interface LoadedPeer {
  readonly id: string;
  readonly peer: Peer;
  readonly verifier: typeof import('./verifier.js');
}

export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** Loads a peer, or says why it cannot run here. */
export async function loadPeer(id: string): Promise<LoadedPeer | LeftOut> {
  const file = freshCopy(HERE, `${id}.js`);
  try {
    const { peer } = (await import(file)) as { peer: Peer };
    const reason = peer.absence?.();
    if (reason !== undefined) return { name: peer.name, reason };
    return { id, peer, verifier: await import(new URL('verifier.js', file).href) };
  } catch (error) {
    return { name: id, reason: `does not load here: ${error instanceof Error ? error.message : error}` };
  }
}

export async function loadPeers(ids: readonly string[] = PEERS) {
  const loaded: LoadedPeer[] = [];
  const leftOut: LeftOut[] = [];
  for (const id of ids) {
    const each = await loadPeer(id);
    if ('reason' in each) leftOut.push(each);
    else loaded.push(each);
  }
  return { loaded, leftOut };
}

/** The packages that are measured, and the tools whose version matters. */
const PACKAGES = [
  '@chainsafe/as-sha256',
  '@noble/hashes',
  '@stablelib/hmac',
  '@stablelib/sha256',
  'assemblyscript',
  'fast-sha256',
  'hash-wasm',
  'js-sha256',
  'otpauth',
  'otplib',
];

/** Installed versions, read from each package's own manifest. */
export function packageVersions(): Record<string, string> {
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const manifest = join(ROOT, 'node_modules', name, 'package.json');
      return [
        name,
        existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'not installed',
      ];
    }),
  );
}
