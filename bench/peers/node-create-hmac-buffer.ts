import { createHmac } from 'node:crypto';
import { equalSignaturesInScript } from './compare.js';
import type { Peer } from './peer.js';

/** The key as bytes in each call. */
export const peer: Peer = {
  name: 'node:crypto createHmac(Buffer)',
  hmac: (key) => (message) => createHmac('sha256', key).update(message).digest(),
  check: (key) => (message, signature) =>
    equalSignaturesInScript(createHmac('sha256', key).update(message).digest('base64'), signature),
};
