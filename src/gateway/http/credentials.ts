import { textOfBase64 } from '../../text/base64.js';

/** The credentials in an `Authorization` header. */
export type Credentials =
  | { readonly kind: 'token'; readonly user: string; readonly token: string }
  | { readonly kind: 'bearer'; readonly text: string };

/**
 * Reads `Authorization: Basic` (RFC 7617) and `Bearer` (RFC 6750). Returns null for anything else.
 * Never throws.
 *
 * Basic holds `user:token`. A token has no colon, but the domain of a JID may (`alice@[::1]`), so
 * the last colon separates the two. Every session has a dot. A Bearer without a dot is also
 * `user:token` in base64, with or without padding.
 */
export function parseAuthorization(header: string | null | undefined): Credentials | null {
  if (!header) return null;
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const text = header.slice(space + 1).trim();
  if (scheme === 'basic') return tokenOf(text);
  if (scheme !== 'bearer') return null;
  if (text.includes('.')) return { kind: 'bearer', text };
  return tokenOf(text.replaceAll('-', '+').replaceAll('_', '/'));
}

function tokenOf(base64: string): Credentials | null {
  const pair = textOfBase64(base64);
  const colon = pair?.lastIndexOf(':') ?? -1;
  if (pair === null || colon < 0) return null;
  return { kind: 'token', user: pair.slice(0, colon), token: pair.slice(colon + 1) };
}

/**
 * The jid of a Basic user, who may give a whole jid or a localpart of the default host. Null if the
 * user gives a localpart and there is no default host.
 */
export function jidOfUser(user: string, defaultHost: string | undefined): string | null {
  if (user.includes('@')) return user;
  return defaultHost === undefined ? null : `${user}@${defaultHost}`;
}

/** Whether two secrets are equal. The time does not depend on where they differ. */
export async function sameSecret(given: string, expected: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const [a, b] = await Promise.all([digest(given), digest(expected)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Most requests that do not come from a browser have no such cookie. */
const NO_VALUES: readonly string[] = [];

/**
 * The values of all cookies with a name, in their order. A browser sends several with the same name
 * if a host and its parent domain both set one. A server must not rely on their order (RFC 6265
 * §4.2.2).
 *
 * The grammar. The recipes for proxies remove at least the cookies that it matches:
 *
 *     cookies = piece *( ";" piece )
 *     piece   = *( SP / HTAB ) name "=" value
 *     value   = any characters but ";"
 *
 * The name is case-sensitive. Only SP and HTAB may precede it, and `=` must follow it directly.
 * Other pieces are skipped. As a regular expression over bytes: `(?:^|;)[ \t]*NAME=[^;]*`.
 *
 * @param header - All `Cookie` headers of a request, joined by `; ` as RFC 9113 §8.2.3 has it.
 */
export function cookiesOf(header: string | null | undefined, name: string): readonly string[] {
  if (!header?.includes(name)) return NO_VALUES;
  const values = new Set<string>();
  for (const piece of header.split(';')) {
    const text = piece.replace(/^[ \t]+/, '');
    if (text.startsWith(name) && text[name.length] === '=') values.add(text.slice(name.length + 1));
  }
  return [...values];
}
