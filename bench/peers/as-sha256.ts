import { digest } from '@chainsafe/as-sha256';
import { BLOCK_BYTES, keyBlocks, type Peer } from './peer.js';

const DIGEST_BYTES = 32;
const MAX_MESSAGE_BYTES = 256;

/**
 * Also written in AssemblyScript. It has no HMAC and cannot keep a state, so the key's blocks are
 * hashed with each message.
 */
export const peer: Peer = {
  name: '@chainsafe/as-sha256 2 × digest',
  hmac(key) {
    const blocks = keyBlocks(key);
    const inner = new Uint8Array(BLOCK_BYTES + MAX_MESSAGE_BYTES);
    const outer = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES);
    inner.set(blocks.inner);
    outer.set(blocks.outer);
    return (message) => {
      inner.set(message, BLOCK_BYTES);
      outer.set(digest(inner.subarray(0, BLOCK_BYTES + message.length)), BLOCK_BYTES);
      return digest(outer);
    };
  },
};
