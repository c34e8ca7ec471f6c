import { checkKnown, described, optionError } from '../errors.js';

/** The two secrets that an issuer and a verifier share for one host, by the names of the original. */
export interface HostKeys {
  /** TOTP key as base32 text (RFC 4648 §6), 80 bits or more; case, spaces, hyphens and `=` do not count. */
  readonly otpSeed: string;
  /** HMAC key as text: its UTF-8 bytes are the key. It is not decoded, although it looks like base32. */
  readonly tokenSecret: string;
}

/** Keys by host, one or, while rotating, several. The first signs, any verifies. */
export type Hosts = Readonly<Record<string, HostKeys | readonly HostKeys[]>>;

/** Keys of one host. */
export const MAX_KEYS = 16;

/**
 * A host's keys in objects of our own: each property of the caller's is read once, and none later.
 *
 * @param domain - For messages.
 * @throws {VerifierError} `ERR_OPTION`; the message holds neither seed nor secret.
 */
export function copiedKeys(domain: string, keys: Hosts[string]): readonly HostKeys[] {
  const field = hostField(domain);
  if (!Array.isArray(keys)) return [copiedPair(keys as HostKeys, field)];
  const { length } = keys as readonly HostKeys[];
  if (!(length >= 1 && length <= MAX_KEYS)) {
    throw optionError(field, `${described(length)} keys`, `give 1 to ${MAX_KEYS}, the newest first`);
  }
  return Array.from({ length }, (_, i) => copiedPair(keys[i], keyField(field, i, length)));
}

function copiedPair(keys: HostKeys, field: string): HostKeys {
  if (typeof keys !== 'object' || keys === null) {
    throw optionError(field, 'no keys', 'write { otpSeed, tokenSecret }');
  }
  checkKnown(keys, ['otpSeed', 'tokenSecret'], field);
  const { otpSeed, tokenSecret } = keys;
  return { otpSeed, tokenSecret };
}

/** The field of one key in messages. */
export function keyField(field: string, index: number, count: number): string {
  return count === 1 ? field : `${field}[${index}]`;
}

/** Only a text is shown: with arguments in the wrong order the keys would stand here. */
export function hostField(domain: unknown): string {
  return `hosts[${typeof domain === 'string' ? JSON.stringify(domain) : typeof domain}]`;
}
