import { optionError } from '../errors.js';
import { MAX_SECRET_BYTES } from '../limits.js';
import { type Algorithm, createHmac, type Hmac } from '../mac/hmac.js';
import { isBytes, keyCopy, lengthOf } from '../text/utf8.js';
import { decodeBase32, MAX_BASE32_CHARS } from './base32.js';

/**
 * The shared secret, K in RFC 4226 §5.1: base32 text, or the bytes themselves. The text may be in
 * upper or lower case. White space, zero-width characters, hyphens and `=` are ignored. RFC 4226 §4
 * R6 requires 16 bytes and recommends 20. At most 4096 bytes and 16,384 characters are accepted.
 */
export type OtpSecret = string | Uint8Array;

/**
 * Makes the HMAC of a secret. The caller must dispose of it. Decoded bytes are wiped. The caller's
 * own bytes are not changed.
 */
export function hmacOf(secret: OtpSecret, algorithm: Algorithm): Hmac {
  const bytes = secretBytes(secret);
  try {
    return createHmac(algorithm, bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Copies the bytes of a secret. The caller must wipe them.
 *
 * @throws {VerifierError} `ERR_OPTION`. The message holds no part of the secret.
 */
export function secretBytes(secret: OtpSecret, field = 'secret'): Uint8Array<ArrayBuffer> {
  const isText = typeof secret === 'string';
  if (!isText && !isBytes(secret)) {
    // Not even a number is shown, because it may be the secret.
    throw optionError(
      field,
      `a value of type ${typeof secret}`,
      'write base32 text, or hand in a Uint8Array',
    );
  }
  if (isText && secret.length > MAX_BASE32_CHARS) {
    throw optionError(field, `${secret.length} characters`, `use ${MAX_BASE32_CHARS} at most`);
  }
  const given = isText ? 0 : lengthOf.call(secret);
  if (given > MAX_SECRET_BYTES) throw tooLong(given, field);
  const bytes = isText ? decodeBase32(secret) : keyCopy(secret);
  if (bytes === null)
    throw optionError(field, 'not base32', 'write the letters A-Z and the digits 2-7');
  if (bytes.length === 0)
    throw optionError(field, 'empty', 'use 20 bytes (32 characters of base32)');
  if (bytes.length > MAX_SECRET_BYTES) {
    bytes.fill(0);
    throw tooLong(bytes.length, field);
  }
  return bytes;
}

function tooLong(bytes: number, field: string): Error {
  return optionError(
    field,
    `${bytes} bytes`,
    `use ${MAX_SECRET_BYTES} at most; 20 are recommended`,
  );
}
