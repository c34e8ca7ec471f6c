import { checkKnown, described, missing } from '../check.js';
import { optionError } from '../errors.js';
import { MAX_KEYS, MAX_SECRET_BYTES } from '../limits.js';
import { decodeBase32, encodeBase32, MAX_BASE32_CHARS } from '../otp/base32.js';
import { bytesOf, isWellFormed, keyRoom } from '../text/utf8.js';
import { systemRandom } from './nonce.js';

/**
 * RFC 4226 §4 R6 requires 128 bits and recommends 160. The original's README makes seeds of 80
 * bits, so these are accepted.
 */
const MIN_SEED_BYTES = 10;

/**
 * The two secrets that an issuer and a verifier share for one host, by the names of the original.
 *
 * A key read from a key file may also have `issueAfter` and `retireAfter`, in which `totp-token
 * keys` notes the times of a rotation. They change nothing here: the order of the keys counts.
 */
export interface HostKeys {
  /**
   * TOTP key as base32 text (RFC 4648 §6), 80 bits or more. Case, white space, zero-width
   * characters, hyphens and `=` are ignored.
   */
  readonly otpSeed: string;
  /**
   * HMAC key as text: its UTF-8 bytes are the key. It is not decoded, although it looks like
   * base32.
   */
  readonly tokenSecret: string;
}

/** Keys by host: one pair or, during a rotation, several. The first signs, and all verify. */
export type Hosts = Readonly<Record<string, HostKeys | readonly HostKeys[]>>;

/** A key as its bytes, which can be wiped. */
export interface DecodedKeys {
  readonly seed: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * Copies a host's keys into new objects. Each property of the caller's objects is read only once.
 *
 * @param domain - For messages.
 * @throws {VerifierError} `ERR_OPTION`; the message holds neither seed nor secret.
 */
export function copiedKeys(domain: string, keys: Hosts[string]): readonly HostKeys[] {
  const field = hostField(domain);
  if (!Array.isArray(keys)) return [copiedPair(keys as HostKeys, field)];
  const { length } = keys as readonly HostKeys[];
  if (!(length >= 1 && length <= MAX_KEYS)) {
    throw optionError(
      field,
      `${described(length)} keys`,
      `give 1 to ${MAX_KEYS}, the one that signs first`,
    );
  }
  return Array.from({ length }, (_, i) => copiedPair(keys[i], keyField(field, i, length)));
}

const KEY_FIELDS = ['otpSeed', 'tokenSecret', 'issueAfter', 'retireAfter'] as const;

function copiedPair(keys: HostKeys, field: string): HostKeys {
  if (typeof keys !== 'object' || keys === null) {
    const fix = 'write { otpSeed, tokenSecret }';
    throw missing(keys, field, fix) ?? optionError(field, 'no keys', fix);
  }
  if (Array.isArray(keys)) {
    throw optionError(field, 'a list within the list', 'write all pairs of a host in one list');
  }
  checkKnown(keys, KEY_FIELDS, field);
  const { otpSeed, tokenSecret } = keys;
  return { otpSeed, tokenSecret };
}

/**
 * Decodes keys to bytes. The caller must wipe them.
 *
 * @param keys - The result of `copiedKeys`.
 * @throws {VerifierError} `ERR_OPTION`; the message holds neither seed nor secret. Keys that were
 *   decoded before the error are wiped.
 */
export function decodedKeys(domain: string, keys: readonly HostKeys[]): DecodedKeys[] {
  const field = hostField(domain);
  const decoded: DecodedKeys[] = [];
  try {
    for (const [i, key] of keys.entries())
      decoded.push(decodeKeys(key, keyField(field, i, keys.length)));
  } catch (error) {
    wipeKeys(decoded);
    throw error;
  }
  return decoded;
}

function keyField(field: string, index: number, count: number): string {
  return count === 1 ? field : `${field}[${index}]`;
}

/** Overwrites keys with zeros. */
export function wipeKeys(keys: readonly DecodedKeys[]): void {
  for (const { seed, secret } of keys) {
    seed.fill(0);
    secret.fill(0);
  }
}

/** Shows only a text: with arguments in the wrong order, this value would be the keys. */
export function hostField(domain: unknown): string {
  return `hosts[${typeof domain === 'string' ? JSON.stringify(domain) : typeof domain}]`;
}

const BASE32 = 'write the letters A-Z and the digits 2-7';
const TEXT = `write a text of 1 to ${MAX_SECRET_BYTES} bytes; totp-token keygen makes one`;

/** @throws {VerifierError} `ERR_OPTION`; the message holds neither seed nor secret. */
function decodeKeys({ otpSeed, tokenSecret }: HostKeys, field: string): DecodedKeys {
  const seedField = `${field}.otpSeed`;
  const isLong = typeof otpSeed === 'string' && otpSeed.length > MAX_BASE32_CHARS;
  const seed = typeof otpSeed === 'string' && !isLong ? decodeBase32(otpSeed) : null;
  if (seed === null) {
    if (isLong) {
      const fault = `${otpSeed.length} characters`;
      throw optionError(seedField, fault, `use ${MAX_BASE32_CHARS} at most`);
    }
    throw missing(otpSeed, seedField, BASE32) ?? optionError(seedField, 'not base32', BASE32);
  }
  const { length } = seed;
  if (length < MIN_SEED_BYTES || length > MAX_SECRET_BYTES) {
    seed.fill(0);
    const fix = `use 80 bits (16 characters) at least, better 160, and ${MAX_SECRET_BYTES} bytes at most`;
    throw (
      missing(otpSeed, seedField, BASE32) ??
      optionError(seedField, `${length * 8} bits after decoding`, fix)
    );
  }

  const known = typeof tokenSecret === 'string' && isWellFormed(tokenSecret);
  // A text of more UTF-16 units has more bytes too: it need not be encoded.
  const isHuge = known && tokenSecret.length > MAX_SECRET_BYTES;
  const secret = known && !isHuge ? bytesOf(tokenSecret) : undefined;
  if (secret === undefined || secret.length === 0 || secret.length > MAX_SECRET_BYTES) {
    seed.fill(0);
    secret?.fill(0);
    const fault = isHuge ? `${tokenSecret.length} characters` : undefined;
    const secretField = `${field}.tokenSecret`;
    throw (
      missing(tokenSecret, secretField, TEXT) ??
      optionError(
        secretField,
        fault ?? (secret === undefined ? 'not a text' : `${secret.length} bytes`),
        TEXT,
      )
    );
  }
  return { seed, secret };
}

/** RFC 4226 §4 R6 recommends 160 bits. */
const SEED_BYTES = 20;
/** The length of the digest, RFC 2104 §3. */
const SECRET_BYTES = 32;

/**
 * Makes a fresh pair for one host: 160 bits of seed and 256 bits of secret, both as base32 text
 * without padding, from `crypto.getRandomValues`.
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
