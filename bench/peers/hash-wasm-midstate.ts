import { createSHA256 } from 'hash-wasm';
import { keyBlocks, type Peer } from './peer.js';

/** Midstates: the states after the key's blocks are saved, and loaded for each message. */
export const peer: Peer = {
  name: 'hash-wasm createSHA256, states saved',
  async hmac(key) {
    const hash = await createSHA256();
    const { inner, outer } = keyBlocks(key);
    const [afterInner, afterOuter] = [
      hash.init().update(inner).save(),
      hash.init().update(outer).save(),
    ];
    return (message) => {
      const digest = hash.load(afterInner).update(message).digest('binary');
      return hash.load(afterOuter).update(digest).digest('binary');
    };
  },
};
