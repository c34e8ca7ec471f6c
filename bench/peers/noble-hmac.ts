import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Peer } from './peer.js';

export const peer: Peer = {
  name: '@noble/hashes hmac()',
  hmac: (key) => (message) => hmac(sha256, key, message),
};
