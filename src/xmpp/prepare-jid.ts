import { MAX_JID_PART_BYTES } from '../limits.js';
import { isDomain } from '../token/domain.js';
import { nameprep, nodeprep } from './stringprep.js';

export { nameprep, nodeprep, saslprep } from './stringprep.js';

/**
 * JIDs that preparation does not change: a subset of those that nodeprep and {@link isDomain}
 * accept.
 */
const PLAIN_JID =
  /^[!#-%(-.0-9;=?[-~]+@[a-z0-9_]+(?:-+[a-z0-9_]+)*(?:\.[a-z0-9_]+(?:-+[a-z0-9_]+)*)*$/;

/**
 * Prepares a bare JID as Prosody 0.12 does before it signs or compares: Nodeprep (RFC 3920 Appendix
 * A) for the localpart, Nameprep (RFC 3491) for the domainpart. Two JIDs name one account if and
 * only if they are equal after preparation.
 *
 * - One dot at the end of the domain is dropped (RFC 6122 §2.2): `alice@example.com.` is
 *   `alice@example.com`.
 * - A domain keeps the form in which it is written. `xn--bcher-kva.example` and `bücher.example`
 *   are two hosts, as in Prosody, which signs with the name of its `VirtualHost`. Write the same
 *   name.
 * - Code points that Unicode 3.2 does not assign, such as emoji, pass unchanged, even if the engine
 *   knows them.
 *
 * This is stricter than Prosody: a domain must be a host name or an IP address, and no part may be
 * empty. The tables are those of RFC 3454, except for directions of writing. These are of Unicode
 * 15, as in the ICU 72 that Debian's Prosody 0.12.3 uses. Another ICU may accept or refuse other
 * mixtures of scripts that are younger than Unicode 3.2, but the result for a text is the same.
 *
 * @param jid - `localpart@domainpart`, each part 1 to 1023 bytes of UTF-8 before and after.
 * @returns The prepared JID, or `null` if the JID is invalid: it is not a string, lacks a part, has
 *   a resource (`/`), or a part is too long, not well-formed Unicode, prohibited, or against the
 *   bidi rule.
 *
 * @example
 * prepareJid('ALICE@Example.com'); // 'alice@example.com'
 * prepareJid('alice@example.com/phone'); // null
 */
export function prepareJid(jid: string): string | null {
  if (typeof jid !== 'string') return null;
  if (jid.length <= MAX_JID_PART_BYTES) {
    if (PLAIN_JID.test(jid)) return jid;
    // For ASCII letters, preparation does no more than this.
    const lower = jid.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    if (PLAIN_JID.test(lower)) return lower;
  }

  const at = jid.indexOf('@');
  if (at < 0) return null;
  const localpart = nodeprep(jid.slice(0, at));
  // A slash or another '@' makes its part invalid.
  const domainpart = nameprep(jid.slice(at + 1).replace(/\.$/, ''));
  if (!localpart || domainpart === null || !isDomain(domainpart)) return null;
  return `${localpart}@${domainpart}`;
}
