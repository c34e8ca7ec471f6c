import { textOf } from '../../wasm/text.js';
import { prepareJid } from '../prepare-jid.js';
import { MAX_PREPARED_BYTES, nodeprep, saslprep } from '../stringprep.js';

/** What a client says in X-TOKEN, prepared. */
export interface XTokenMessage {
  /** The jid that the token must be signed for. */
  readonly jid: string;
  readonly localpart: string;
  /** The token after SASLprep: as Prosody does it, full-width digits are digits and soft hyphens are gone. */
  readonly token: string;
}

/** Why a message cannot even be looked at, as a condition of RFC 6120 §6.5. */
export type MessageFault = 'malformed-request' | 'invalid-authzid';

const NUL = 0;

/**
 * Reads `authzid NUL authcid NUL token`: the form of RFC 4616 §2, with a token for the password.
 *
 * The authzid is empty or the user's own bare JID. Of any field more than 1023 bytes, bytes that are no UTF-8, or a name that
 * cannot be prepared make the message malformed.
 */
export function readXToken(message: Uint8Array, host: string): XTokenMessage | MessageFault {
  const first = message.indexOf(NUL);
  const second = message.indexOf(NUL, first + 1);
  if (first < 0 || second < 0 || message.indexOf(NUL, second + 1) >= 0) return 'malformed-request';
  const authzid = fieldOf(message.subarray(0, first));
  const authcid = fieldOf(message.subarray(first + 1, second));
  const token = saslprep(fieldOf(message.subarray(second + 1)) ?? '');
  if (authzid === null || !authcid || !token) return 'malformed-request';

  const name = saslprep(authcid);
  const localpart = name && nodeprep(name);
  if (!localpart) return 'malformed-request';
  const jid = `${localpart}@${host}`;
  if (authzid !== '' && prepareJid(authzid) !== jid) return 'invalid-authzid';
  return { jid, localpart, token };
}

function fieldOf(bytes: Uint8Array): string | null {
  return bytes.length > MAX_PREPARED_BYTES ? null : textOf(bytes);
}

/**
 * Writes the message that {@link readXToken} reads, in UTF-8.
 *
 * @throws {TypeError} A field that is no text, or holds a NUL.
 */
export function writeXToken(authcid: string, token: string, authzid = ''): Uint8Array {
  for (const [name, value] of Object.entries({ username: authcid, token, authzid })) {
    if (typeof value !== 'string' || value.includes('\0')) {
      throw new TypeError(`${name} must be a text without NUL`);
    }
  }
  return new TextEncoder().encode(`${authzid}\0${authcid}\0${token}`);
}
