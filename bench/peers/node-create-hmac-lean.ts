import { createHmac, createSecretKey } from 'node:crypto';
import { equalSignaturesInScript } from './compare.js';
import type { Peer } from './peer.js';

/** The usual form with the comparison written in JavaScript. */
export const peer: Peer = {
  name: 'node:crypto createHmac(KeyObject), compared in JS',
  check(key) {
    const held = createSecretKey(key);
    return (message, signature) =>
      equalSignaturesInScript(
        createHmac('sha256', held).update(message).digest('base64'),
        signature,
      );
  },
};
