import type { HostKeys, Hosts } from '../../index.js';
import { encodeBase64url } from '../../text/base64.js';

/**
 * Names for the keys of each host, without the keys: what a session is bound to, so that it ends
 * when the key that it began under is taken out. A new key beside the old one ends nothing.
 */
export type KeyIds = ReadonlyMap<string, readonly string[]>;

const encoder = new TextEncoder();

/**
 * Takes an HMAC over each pair of keys. A token secret may be a short word: without the HMAC's key,
 * which only the gateway has, the name of a pair in a session would let a client try words.
 *
 * @param secret - The key that signs sessions.
 * @returns Ids by domain, in the order of the host's keys.
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
    // One seed has many spellings; this one is base32's only.
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

/** A copy whose buffer is an ArrayBuffer, as WebCrypto's types ask for. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}
