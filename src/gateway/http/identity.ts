/** Headers that carry the user's identity from the proxy to its application. */
export const IDENTITY_HEADERS = [
  'x-auth-jid',
  'x-auth-user',
  'x-auth-host',
  'remote-user',
] as const;

/**
 * The identity headers of an account. All of them are always set, so a proxy that copies them
 * overwrites headers that a client sent.
 *
 * `x-auth-jid` and `remote-user` are the whole JID, because the same localpart on another host is a
 * different person.
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
 * The identity headers of a request without an account. All of them are set and empty, so a proxy
 * that copies them overwrites headers that a client sent.
 */
export const NO_IDENTITY: Readonly<Record<string, string>> = {
  'content-length': '0',
  'cache-control': 'no-store',
  ...Object.fromEntries(IDENTITY_HEADERS.map((name) => [name, ''])),
};

/**
 * Encodes a name as a header's value. Printable ASCII except the percent sign stays. All else
 * becomes percent-encoded UTF-8 (RFC 3986 §2.1). So a name cannot end the header or begin another,
 * and different names have different values.
 */
export function headerText(name: string): string {
  if (/^[!-$&-~]*$/.test(name)) return name;
  // Accepted names are well-formed. For any other text, the replacement character will do.
  return name.toWellFormed().replace(/[^!-$&-~]+/gu, encodeURIComponent);
}
