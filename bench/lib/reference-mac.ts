import { createHmac } from 'node:crypto';

/** The HMAC-SHA-256 that checks answers. */
export const referenceMac = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(message).digest();
