import { textOf } from '../text/utf8.js';
import { prepareJid } from '../xmpp/prepare-jid.js';

/**
 * Why an attempt holds no name and token that could be verified, or which part of it is malformed:
 * a bounded label of metrics and logs. Nothing of what the client sent is in it.
 */
export const REFUSALS = [
  /** The name is no bare JID. */
  'bad-jid',
  /** A localpart alone, and no host that it belongs to. */
  'no-host',
  /** A user of another host than the one that asks. */
  'other-host',
  /** The name has the form of a token: two fields stand in each other's place. */
  'swapped-fields',
  /** There is no token. */
  'no-token',
  /** Not `DIGITS SPACE BASE64`. */
  'token-form',
  /** In the form of a token, with another number of digits or a signature of another length. */
  'token-length',
  /** Nothing was given where credentials must be. */
  'no-credentials',
  /** `Authorization` has a scheme that is not taken here. */
  'unknown-scheme',
  /** Basic or Bearer that is not base64 of `user:token`. */
  'unreadable-credentials',
  /** A session that is not signed here, has ended or has lost its key. */
  'bad-session',
  /** The key that the token was good under went away meanwhile. */
  'key-gone',
  /** Not the secret of the operator. */
  'wrong-secret',
  /** A body that is too large, too late, or not in form. */
  'unreadable-body',
  /** A question that is not in the form of its protocol. */
  'unreadable-question',
  /** A question about users that would change one. */
  'not-supported',
  /** SASL: not base64. */
  'not-base64',
  /** SASL: no bytes. */
  'empty-message',
  /** SASL: fewer than the two NULs that part its fields. */
  'no-nuls',
  /** SASL: not UTF-8. */
  'not-utf8',
  /** SASL: an authzid that is not the user's own. */
  'other-authzid',
  /** SASL: a mechanism that is not offered. */
  'unknown-mechanism',
  /** Dovecot: a line above its limit. */
  'line-too-long',
  /** Dovecot: an id that an attempt under way has. */
  'id-in-use',
  /** Dovecot: a `CONT` that no attempt waits for. */
  'no-attempt',
  /** Dovecot: too many attempts wait for their `CONT`. */
  'too-many-attempts',
] as const;

/**
 * Why an attempt was refused before its token could be verified, or which part of it is malformed.
 */
export type Refusal = (typeof REFUSALS)[number];

/** A token as most issuers make it. What else one must be, the verifier says. */
const TOKEN_FORM = /^\d{7,} [\w+/=-]{20,}$/;

/** Which part of what was verified is malformed. Asked only where the verifier found it so. */
export function whyMalformed(jid: string, token: string): Refusal {
  if (TOKEN_FORM.test(jid)) return 'swapped-fields';
  if (prepareJid(jid) === null) return 'bad-jid';
  if (token === '') return 'no-token';
  return /^\d+ [A-Za-z\d+/]+={0,2}$/.test(token) ? 'token-length' : 'token-form';
}

/** Why an `Authorization` header holds no credentials. */
export function whyNoCredentials(header: string | null | undefined): Refusal {
  if (!header) return 'no-credentials';
  return /^(?:basic|bearer)(?: |$)/i.test(header) ? 'unreadable-credentials' : 'unknown-scheme';
}

/**
 * Why a SASL message does not have the form `authzid NUL authcid NUL token` (RFC 4616 §2).
 *
 * @param domain - Whose user the authcid would be.
 * @returns The reason, and the jid where a name can be read.
 */
export function whyNoMessage(
  message: Uint8Array,
  domain: string,
): { readonly why: Refusal; readonly jid?: string } {
  if (message.length === 0) return { why: 'empty-message' };
  const first = message.indexOf(0);
  const second = message.indexOf(0, first + 1);
  if (first < 0 || second < 0) return { why: 'no-nuls' };
  if (textOf(message) === null) return { why: 'not-utf8' };
  const jid = `${textOf(message.subarray(first + 1, second))}@${domain}`;
  if (prepareJid(jid) === null) return { why: 'bad-jid' };
  return { why: second + 1 === message.length ? 'no-token' : 'token-form', jid };
}
