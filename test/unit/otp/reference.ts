import { createHmac } from 'node:crypto';
import type { Algorithm } from '../../../src/mac/hmac.js';
import type { OtpauthKey } from '../../../src/otp/otpauth.js';

/**
 * RFC 4226 §5.3 on node:crypto, written apart from the core: through a bigint, not 32-bit
 * arithmetic.
 */
export function referenceHotp(
  secret: Uint8Array,
  counter: bigint,
  digits: number,
  algorithm: Algorithm,
): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(counter);
  const digest = createHmac(algorithm.replace('-', ''), secret).update(message).digest('hex');
  const offset = Number.parseInt(digest.slice(-1), 16) * 2;
  const truncated = BigInt(`0x${digest.slice(offset, offset + 8)}`) & 0x7fffffffn;
  return (truncated % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

export const ALGORITHMS: readonly Algorithm[] = ['SHA-1', 'SHA-256', 'SHA-512'];

/** The secret of RFC 4226 Appendix D, '12345678901234567890' in ASCII, as base32. */
export const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** The error that a call throws, to look at it as a whole. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
}

/** JSON has no bigint: a counter past 2^53 stands there as text. */
export function keyOf(vector: object): OtpauthKey {
  const key = { ...vector } as OtpauthKey & { counter?: string | number };
  if (key.counter === undefined) return key;
  const counter = BigInt(key.counter);
  return { ...key, counter: counter <= Number.MAX_SAFE_INTEGER ? Number(counter) : counter };
}
