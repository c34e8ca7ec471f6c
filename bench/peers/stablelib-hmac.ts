import { HMAC } from '@stablelib/hmac';
import { SHA256 } from '@stablelib/sha256';
import type { Peer } from './peer.js';

const DIGEST_BYTES = 32;

/** `reset` goes back to the state after the key's block. */
export const peer: Peer = {
  name: '@stablelib/hmac, reset',
  hmac(key) {
    const held = new HMAC(SHA256, key);
    const out = new Uint8Array(DIGEST_BYTES);
    return (message) => {
      held.reset().update(message).finish(out);
      return out;
    };
  },
};
