import { createHash } from 'node:crypto';
import { equalSignaturesInScript } from './compare.js';
import { keyBlocks, type Peer } from './peer.js';

/** Midstates: the key's blocks are hashed once, and their states are copied for each message. */
export const peer: Peer = {
  name: 'node:crypto createHash().copy()',
  hmac(key) {
    const { inner, outer } = midstates(key);
    return (message) => outer.copy().update(inner.copy().update(message).digest()).digest();
  },
  check(key) {
    const { inner, outer } = midstates(key);
    return (message, signature) => {
      const mac = outer.copy().update(inner.copy().update(message).digest()).digest('base64');
      return equalSignaturesInScript(mac, signature);
    };
  },
};

function midstates(key: Uint8Array) {
  const { inner, outer } = keyBlocks(key);
  return { inner: createHash('sha256').update(inner), outer: createHash('sha256').update(outer) };
}
