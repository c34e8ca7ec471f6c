import { sha256 } from 'js-sha256';
import type { Peer } from './peer.js';

export const peer: Peer = {
  name: 'js-sha256 hmac',
  hmac: (key) => (message) => new Uint8Array(sha256.hmac.arrayBuffer(key, message)),
};
