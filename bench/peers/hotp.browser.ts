import { HOTP, Secret } from 'otpauth';

/**
 * Whose HMAC-SHA-1 it is: one that no peer shares, as what the JIT learns of shared code is of all
 * who call it.
 */
export const HOTP_BY = 'otpauth';

/** RFC 4226 §5.3 with eight digits, without the library. */
export function hotp(key: Uint8Array, counter: number): number {
  const secret = new Secret({ buffer: new Uint8Array(key).buffer });
  return Number(new HOTP({ secret, digits: 8, algorithm: 'SHA1' }).generate({ counter }));
}
