import { described, missing } from '../check.js';
import { optionError } from '../errors.js';
import { MAX_JID_PART_BYTES } from '../limits.js';
import { bytesOf, isWellFormed } from '../text/utf8.js';
import { hostField } from './host-keys.js';
import type { TokenSettings } from './options.js';
import { prepared } from './request.js';

// U+3002, U+FF0E and U+FF61 separate labels in IDNA (RFC 3490 §3.1), but not in Prosody: a name
// with one of them looks like the name of another host.
const LETTER = '[a-z0-9_\\u0080-\\u3001\\u3003-\\uFF0D\\uFF0F-\\uFF60\\uFF62-\\u{10FFFF}]';
const LABEL = `${LETTER}+(?:-+${LETTER}+)*`;
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u');
const IPV6_LITERAL = /^\[[0-9a-f:.]+\]$/;

/**
 * Whether a text is the domainpart of a JID, RFC 6122 §2.2: a host name or an IP address.
 * Preparation removes upper case and invisible characters before.
 *
 * Labels hold lower-case ASCII letters, digits, hyphens except at the ends (RFC 1034 §3.5),
 * underscores, which names of services have, and any character beyond ASCII. Labels are not empty,
 * so there is no dot at either end. An IPv6 address is in brackets, in any spelling. Each spelling
 * is a different host. A label may be longer than the 63 bytes of DNS.
 */
export function isDomain(name: string): boolean {
  return LABELS.test(name) || (IPV6_LITERAL.test(name) && isUrl(`http://${name}/`));
}

/** The oldest supported browsers do not have `URL.canParse`. */
function isUrl(text: string): boolean {
  try {
    new URL(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Separators, controls, format characters and private use. Unassigned characters are missing,
 * because engines differ on them.
 */
const UNSEEN = /[\p{Z}\p{Cc}\p{Cf}\p{Co}]/u;

const NAME = 'write a host name such as "example.com"';

/**
 * Returns the normal form of a domain: prepared if there is a `prepareJid`, and always with ASCII
 * in lower case.
 *
 * @throws {VerifierError} `ERR_OPTION`: it is not a domain.
 */
export function preparedDomain(domain: string, prepareJid: TokenSettings['prepareJid']): string {
  const field = hostField(domain);
  const bad = (fault: string) => optionError(field, fault, NAME);
  // An unset variable becomes the text `undefined` as a key of an object.
  const missed = missing(domain === 'undefined' ? undefined : domain, field, NAME);
  if (missed !== undefined) throw missed;
  if (typeof domain !== 'string' || !isWellFormed(domain)) throw bad('not a host name');
  // Any localpart will do, because only the domain is used.
  const jid = prepareJid === undefined ? `a@${domain}` : prepared(`a@${domain}`, prepareJid);
  if (jid !== null && typeof jid !== 'string') {
    throw optionError('prepareJid', `gave ${described(jid)}`, 'give a text or null at once');
  }
  if (jid === null) throw bad('not a host name after preparation (RFC 6122 §2.2)');
  const name = jid.slice(2).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (!isDomain(name) || bytesOf(name).length > MAX_JID_PART_BYTES) throw bad('not a host name');
  if (UNSEEN.test(name)) throw bad('an unseen character');
  return name;
}
