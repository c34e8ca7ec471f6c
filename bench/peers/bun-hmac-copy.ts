import { absence, newHasher } from './bun-hasher.js';
import { equalSignaturesInScript } from './compare.js';
import type { Peer } from './peer.js';

/** The key is hashed once, and its state is copied. */
export const peer: Peer = {
  name: 'Bun.CryptoHasher, hmac copied',
  absence,
  hmac(key) {
    const held = newHasher(key);
    return (message) => held.copy().update(message).digest();
  },
  check(key) {
    const held = newHasher(key);
    return (message, signature) =>
      equalSignaturesInScript(held.copy().update(message).digest('base64'), signature);
  },
};
