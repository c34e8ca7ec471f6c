import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 by which answers are checked. */
export const referenceMac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(message).digest();
