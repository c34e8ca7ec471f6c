import sha from 'sha.js';
import { keyBlocks, type Peer } from './peer.js';

/**
 * The hash of `crypto-browserify`. It cannot copy a state, so the key's blocks are hashed with each
 * message.
 */
export const peer: Peer = {
  name: 'sha.js 2 × digest',
  hmac(key) {
    const { inner, outer } = keyBlocks(key);
    const hash = (block: Uint8Array, message: Uint8Array) =>
      new sha.sha256().update(block).update(message).digest();
    return (message) => hash(outer, hash(inner, message));
  },
};
