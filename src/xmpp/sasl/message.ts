import { MAX_JID_PART_BYTES } from '../../limits.js';
import { forgetMatch } from '../../text/safe.js';
import { bytesOf, isWellFormed, textOf } from '../../text/utf8.js';
import { prepareJid } from '../prepare-jid.js';
import { nodeprep, saslprep } from '../stringprep.js';

/** A client's X-TOKEN message, with prepared names. */
export interface XTokenMessage {
  readonly localpart: string;
  /** The jid that the token must be signed for. */
  readonly jid: string;
  /**
   * The token after SASLprep. As in Prosody, full-width digits become digits, and soft hyphens are
   * removed.
   */
  readonly token: string;
}

/** Why a message cannot be used, as a condition of RFC 6120 §6.5. */
export type MessageFault = 'malformed-request' | 'invalid-authzid';

/** The most bytes of a valid message: three fields and two NULs. */
export const MAX_MESSAGE_BYTES = 3 * MAX_JID_PART_BYTES + 2;

/**
 * Reads `authzid NUL authcid NUL token`: the message of PLAIN, RFC 4616 §2, with a token for the
 * password.
 *
 * The authcid is a localpart. The authzid is empty, or the bare JID that the authcid stands for: no
 * user may act for another. It is checked before the token, so that a wrong one does not use up the
 * token.
 *
 * @param host - The prepared domain.
 */
export function readXToken(message: Uint8Array, host: string): XTokenMessage | MessageFault {
  const first = message.indexOf(0);
  const second = message.indexOf(0, first + 1);
  if (first < 0 || second < 0) return 'malformed-request';
  const authzid = fieldOf(message.subarray(0, first));
  const authcid = fieldOf(message.subarray(first + 1, second));
  const rawToken = fieldOf(message.subarray(second + 1));
  if (authzid === null || authcid === null || rawToken === null) return 'malformed-request';

  // SASLprep refuses a NUL, so there cannot be a third one.
  const token = saslprep(rawToken);
  forgetMatch();
  const name = saslprep(authcid);
  const localpart = name === null ? null : nodeprep(name);
  // Null, or empty. Preparation can make a field empty.
  if (!token || !localpart) return 'malformed-request';
  const jid = `${localpart}@${host}`;
  if (authzid !== '' && prepareJid(authzid) !== jid) return 'invalid-authzid';
  return { localpart, jid, token };
}

function fieldOf(bytes: Uint8Array): string | null {
  return bytes.length > MAX_JID_PART_BYTES ? null : textOf(bytes);
}

/**
 * Writes the message that {@link readXToken} reads, in UTF-8. Names are prepared by the server.
 *
 * @throws {TypeError} A field has the wrong form. The message names the field and does not show it.
 */
export function writeXToken(username: string, token: string, authzid: string): Uint8Array {
  checkField('username', username, 1);
  checkField('token', token, 1);
  checkField('authzid', authzid, 0);
  return bytesOf(`${authzid}\0${username}\0${token}`);
}

function checkField(name: string, value: unknown, minBytes: number): void {
  // Checks the number of UTF-16 units first, so that a text of megabytes is not encoded.
  const isText =
    typeof value === 'string' && value.length <= MAX_JID_PART_BYTES && isWellFormed(value);
  const bytes = isText && !value.includes('\0') ? bytesOf(value).length : -1;
  if (bytes < minBytes || bytes > MAX_JID_PART_BYTES) {
    throw new TypeError(
      `${name}: must be text of ${minBytes} to ${MAX_JID_PART_BYTES} bytes without NUL or lone surrogates`,
    );
  }
}
