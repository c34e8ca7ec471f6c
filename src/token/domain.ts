// U+3002, U+FF0E and U+FF61 separate labels in IDNA (RFC 3490 §3.1), but not in Prosody: a name
// with one reads like another host's.
const LETTER = '[a-z0-9_\\u0080-\\u3001\\u3003-\\uFF0D\\uFF0F-\\uFF60\\uFF62-\\u{10FFFF}]';
const LABEL = `${LETTER}+(?:-+${LETTER}+)*`;
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u');
const IPV6_LITERAL = /^\[[0-9a-f:.]+\]$/;

/**
 * Whether a text is the domainpart of a JID, RFC 6122 §2.2: a host name or an IP address. Upper
 * case and what cannot be seen are for preparation to take out.
 *
 * Labels hold lower-case ASCII letters, digits, hyphens inside (RFC 1034 §3.5), underscores, which
 * names of services have, and any character beyond ASCII. None is empty, so there is no dot at
 * either end. An IPv6 address stands in brackets, in any spelling, each of which is a host of its
 * own. A label may be longer than the 63 bytes of DNS.
 */
export function isDomain(name: string): boolean {
  return LABELS.test(name) || (IPV6_LITERAL.test(name) && isUrl(`http://${name}/`));
}

/** `URL.canParse` is younger than the oldest browsers that this runs in. */
function isUrl(text: string): boolean {
  try {
    new URL(text);
    return true;
  } catch {
    return false;
  }
}
