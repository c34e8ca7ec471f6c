import * as crypto from 'node:crypto';
import { equalSignaturesInScript } from './compare.js';
import { BLOCK_BYTES, keyBlocks, type Peer } from './peer.js';

const DIGEST_BYTES = 32;
const MAX_MESSAGE_BYTES = 256;

/** Not every supported version of Node has this, and neither do the types for the oldest. */
type OneShot = (
  algorithm: string,
  data: Uint8Array,
  encoding: 'buffer' | 'base64',
) => Buffer & string;
const oneShot = (crypto as unknown as { hash?: OneShot }).hash;

/** Two one-shot hashes over the key's blocks. No hash object is made. */
export const peer: Peer = {
  name: 'node:crypto 2 × crypto.hash',
  absence: () => (oneShot === undefined ? 'this runtime has no crypto.hash' : undefined),
  hmac(key) {
    const hash = twice(key);
    return (message) => {
      hash.inner.set(message, BLOCK_BYTES);
      return hash.digest(message.length, 'buffer');
    };
  },
  check(key) {
    const hash = twice(key);
    return (message, signature) => {
      const length = hash.inner.write(message, BLOCK_BYTES, 'utf8');
      return equalSignaturesInScript(hash.digest(length, 'base64'), signature);
    };
  },
};

function twice(key: Uint8Array) {
  const blocks = keyBlocks(key);
  const inner = Buffer.alloc(BLOCK_BYTES + MAX_MESSAGE_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  inner.set(blocks.inner);
  outer.set(blocks.outer);
  const hash = oneShot!;
  return {
    inner,
    digest(length: number, encoding: 'buffer' | 'base64') {
      outer.set(hash('sha256', inner.subarray(0, BLOCK_BYTES + length), 'buffer'), BLOCK_BYTES);
      return hash('sha256', outer, encoding);
    },
  };
}
