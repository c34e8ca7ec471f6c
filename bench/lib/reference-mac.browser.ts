import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** HMAC-SHA-256 by which answers are checked. The peer of this name has a copy of its own. */
export const referenceMac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(sha256, key, message);
