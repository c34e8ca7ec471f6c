import { decodeBase64 } from './base64.js';
import type { Peer } from './peer.js';

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const;

const encoder = new TextEncoder();

/** The only HMAC that is built into browsers. */
export const peer: Peer = {
  name: 'WebCrypto verify',
  async checkLater(key) {
    const held = await crypto.subtle.importKey('raw', copied(key), ALGORITHM, false, ['verify']);
    return async (message, signature) => {
      const mac = decodeBase64(signature);
      if (mac === undefined) return false;
      return crypto.subtle.verify('HMAC', held, mac, encoder.encode(message));
    };
  },
  async hmacLater(key) {
    const held = await crypto.subtle.importKey('raw', copied(key), ALGORITHM, false, ['sign']);
    return async (message) =>
      new Uint8Array(await crypto.subtle.sign('HMAC', held, copied(message)));
  },
};

/** Copies bytes, so that their type shows that no other thread can change them. */
const copied = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
