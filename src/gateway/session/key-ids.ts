import type { HostKeys, Hosts } from '../../index.js';
import { encodeBase64url } from '../../text/base64.js';

/**
 * Names for the keys of each host, which do not reveal the keys. A session is bound to the name of
 * its key, so it ends when that key is removed. Adding a new key beside the old one ends no
 * session.
 */
export type KeyIds = ReadonlyMap<string, readonly string[]>;

const encoder = new TextEncoder();

/**
 * Names each pair of keys by an HMAC. A token secret may be a short word. With a plain hash, a
 * client could guess words until the name in its session matches. Only the gateway has the HMAC's
 * key.
 *
 * @param secret - The key that signs sessions.
 * @returns Names by domain, in the order of the host's keys.
 */
export async function keyIdsOf(hosts: Hosts, secret: Uint8Array): Promise<KeyIds> {
  const key = await crypto.subtle.importKey(
    'raw',
    copyOf(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const idOf = async ({ otpSeed, tokenSecret }: HostKeys): Promise<string> => {
    // A seed has many spellings. This is the normal form of base32.
    const seed = otpSeed.toUpperCase().replace(/[ =-]/g, '');
    const mac = await crypto.subtle.sign(
      'HMAC',
      key,
      encoder.encode(`key-id\0${seed}\0${tokenSecret}`),
    );
    return encodeBase64url(new Uint8Array(mac, 0, 16));
  };
  const entries = Object.entries(hosts).map(async ([domain, keys]) => {
    const list = Array.isArray(keys) ? (keys as readonly HostKeys[]) : [keys as HostKeys];
    return [domain, await Promise.all(list.map(idOf))] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Copies bytes into an ArrayBuffer, as WebCrypto's types require. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
