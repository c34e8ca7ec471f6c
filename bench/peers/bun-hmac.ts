import { absence, newHasher } from './bun-hasher.js';
import { equalSignaturesInScript } from './compare.js';
import type { Peer } from './peer.js';

export const peer: Peer = {
  name: 'Bun.CryptoHasher, hmac',
  absence,
  hmac: (key) => (message) => newHasher(key).update(message).digest(),
  check: (key) => (message, signature) =>
    equalSignaturesInScript(newHasher(key).update(message).digest('base64'), signature),
};
