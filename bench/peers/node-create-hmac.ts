import { createHmac, createSecretKey } from 'node:crypto';
import { equalSignatures } from './compare.js';
import type { Peer } from './peer.js';

/** The form that Node's documentation suggests, with the key in a `KeyObject`. */
export const peer: Peer = {
  name: 'node:crypto createHmac(KeyObject)',
  hmac(key) {
    const held = createSecretKey(key);
    return (message) => createHmac('sha256', held).update(message).digest();
  },
  check(key) {
    const held = createSecretKey(key);
    return (message, signature) =>
      equalSignatures(createHmac('sha256', held).update(message).digest('base64'), signature);
  },
};
