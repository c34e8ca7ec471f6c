import { createHmac } from 'node:crypto';

/** The source of the HMAC-SHA-1. */
export const HOTP_BY = 'node:crypto';

const MODULUS = 10 ** 8;

/** RFC 4226 §5.3 with eight digits, without the library. */
export function hotp(key: Uint8Array, counter: number): number {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', key).update(message).digest();
  return (mac.readUInt32BE(mac[19]! & 0xf) & 0x7fff_ffff) % MODULUS;
}
