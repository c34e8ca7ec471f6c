import { HOTP, Secret } from 'otpauth';

/**
 * The source of the HMAC-SHA-1. No peer uses it, because the JIT would optimise shared code for all
 * callers.
 */
export const HOTP_BY = 'otpauth';

/** RFC 4226 §5.3 with eight digits, without the library. */
export function hotp(key: Uint8Array, counter: number): number {
  const secret = new Secret({ buffer: new Uint8Array(key).buffer });
  return Number(new HOTP({ secret, digits: 8, algorithm: 'SHA1' }).generate({ counter }));
}
