import Sha256 from 'sha256-wasm';
import type { Peer } from './peer.js';

const DIGEST_BYTES = 32;

/** An HMAC object can be used for only one message. */
export const peer: Peer = {
  name: 'sha256-wasm HMAC',
  hmac(key) {
    const out = new Uint8Array(DIGEST_BYTES);
    return (message) => Sha256.HMAC(key).update(message).digest(out);
  },
};
