/** Headers that carry the user's identity from the proxy to its application. */
export const IDENTITY_HEADERS = [
  'x-auth-jid',
  'x-auth-user',
  'x-auth-host',
  'remote-user',
] as const;

/**
 * The identity headers of an account. All of them, always: a proxy that copies them overwrites what
 * a client sent.
 *
 * `x-auth-jid` and `remote-user` are the whole JID, since a localpart alone is someone else on
 * another host.
 */
export function identityHeaders(account: {
  jid: string;
  user: string;
  host: string;
}): Record<string, string> {
  const jid = headerText(account.jid);
  return {
    'content-length': '0',
    'cache-control': 'no-store',
    'x-auth-jid': jid,
    'x-auth-user': headerText(account.user),
    'x-auth-host': headerText(account.host),
    'remote-user': jid,
  };
}

/**
 * The identity headers of a request that nobody sent in their own name: all of them, empty, so that
 * a proxy which copies them overwrites what a client sent.
 */
export const NO_IDENTITY: Readonly<Record<string, string>> = {
  'content-length': '0',
  'cache-control': 'no-store',
  ...Object.fromEntries(IDENTITY_HEADERS.map((name) => [name, ''])),
};

/**
 * A name as a header's value: printable ASCII stays, the rest is percent-encoded UTF-8 (RFC 3986
 * §2.1), the percent sign too. So nothing can end the header or begin another, and no two names
 * become one.
 */
export function headerText(name: string): string {
  if (/^[!-$&-~]*$/.test(name)) return name;
  // What is accepted is well-formed; of anything else the replacement character is as good as
  // another.
  return name.toWellFormed().replace(/[^!-$&-~]+/gu, encodeURIComponent);
}
