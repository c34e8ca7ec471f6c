import { encodeBase32 } from '../otp/base32.js';
import { keyRoom } from '../text/utf8.js';
import { systemRandom } from './nonce.js';
import type { HostKeys } from './options.js';

/** RFC 4226 §4 R6 recommends 160 bits. */
const SEED_BYTES = 20;
/** As long as the digest, RFC 2104 §3. */
const SECRET_BYTES = 32;

/**
 * A fresh pair for one host: 160 bits of seed and 256 bits of secret, both as base32 text without
 * padding, from `crypto.getRandomValues`.
 *
 * @throws {VerifierError} `ERR_ENGINE_UNAVAILABLE`: this runtime has no `crypto.getRandomValues`.
 *
 * @example
 * const { otpSeed, tokenSecret } = generateKeys(); // 32 and 52 characters
 */
export function generateKeys(): HostKeys {
  return { otpSeed: randomBase32(SEED_BYTES), tokenSecret: randomBase32(SECRET_BYTES) };
}

function randomBase32(bytes: number): string {
  const target = keyRoom(bytes);
  systemRandom('make the keys elsewhere')(target);
  const text = encodeBase32(target);
  target.fill(0);
  return text;
}
