import { createHMAC, createSHA256 } from 'hash-wasm';
import type { Peer } from './peer.js';

export const peer: Peer = {
  name: 'hash-wasm createHMAC',
  async hmac(key) {
    const held = await createHMAC(createSHA256(), key);
    return (message) => held.init().update(message).digest('binary');
  },
};
