import { textOf } from '../text/utf8.js';
import { prepareJid } from '../xmpp/prepare-jid.js';

/**
 * The reasons why an attempt holds no name and token to verify, or which part is malformed. They
 * are a label of metrics and logs with few values, and hold no input of the client.
 */
export const REFUSALS = [
  /** The name is not a bare JID. */
  'bad-jid',
  /** A localpart alone, and no host for it. */
  'no-host',
  /** The user belongs to another host than the one that asks. */
  'other-host',
  /** The name has the form of a token, so the two fields are swapped. */
  'swapped-fields',
  /** There is no token. */
  'no-token',
  /** Not `DIGITS SPACE BASE64`. */
  'token-form',
  /** The form of a token, but with a wrong number of digits or a signature of a wrong length. */
  'token-length',
  /** There are no credentials where they are required. */
  'no-credentials',
  /** `Authorization` has a scheme that is not accepted here. */
  'unknown-scheme',
  /** Basic or Bearer, but not base64 of `user:token`. */
  'unreadable-credentials',
  /** The session was not signed here, has ended, or has lost its key. */
  'bad-session',
  /** The key with which the token was valid was removed in the meantime. */
  'key-gone',
  /** The operator's secret is wrong. */
  'wrong-secret',
  /** The body is too large, too late, or malformed. */
  'unreadable-body',
  /** The question is malformed. */
  'unreadable-question',
  /** The question would change a user. */
  'not-supported',
  /** SASL: not base64. */
  'not-base64',
  /** SASL: the message is empty. */
  'empty-message',
  /** SASL: fewer than the two NULs that separate the fields. */
  'no-nuls',
  /** SASL: not UTF-8. */
  'not-utf8',
  /** SASL: an authzid that is not the user's own. */
  'other-authzid',
  /** SASL: a mechanism that is not offered. */
  'unknown-mechanism',
  /** Dovecot: a line is longer than the limit. */
  'line-too-long',
  /** Dovecot: an attempt under way already has this id. */
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

/** A token as most issuers make it. The verifier has the exact rules. */
const TOKEN_FORM = /^\d{7,} [\w+/=-]{20,}$/;

/** Returns which part is malformed. Call it only for input that the verifier called malformed. */
export function whyMalformed(jid: string, token: string): Refusal {
  if (TOKEN_FORM.test(jid)) return 'swapped-fields';
  if (prepareJid(jid) === null) return 'bad-jid';
  if (token === '') return 'no-token';
  return /^\d+ [A-Za-z\d+/]+={0,2}$/.test(token) ? 'token-length' : 'token-form';
}

/** Returns why an `Authorization` header holds no valid credentials. */
export function whyNoCredentials(header: string | null | undefined): Refusal {
  if (!header) return 'no-credentials';
  return /^(?:basic|bearer)(?: |$)/i.test(header) ? 'unreadable-credentials' : 'unknown-scheme';
}

/**
 * Returns why a SASL message does not have the form `authzid NUL authcid NUL token` (RFC 4616 §2).
 *
 * @param domain - The domain of the user that the authcid names.
 * @returns The reason, and the jid if a name can be read.
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
