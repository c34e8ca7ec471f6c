import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** The HMAC-SHA-256 that checks answers. The peer with this hash has a separate copy. */
export const referenceMac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(sha256, key, message);
