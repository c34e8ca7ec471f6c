import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { readXToken } from '../../xmpp/sasl/message.js';

/** Whose accounts a client asks about. */
export interface Realm {
  /** The host of users who give none; undefined: they cannot log in. */
  readonly host: string | undefined;
  /**
   * Whether no other host will do. An XMPP server reads the answer as an account of the host that
   * its client asked for, so a user of another host would become one of this.
   */
  readonly isFixed: boolean;
}

/** Verifies a token and uses it up. */
export type Check = (jid: string, token: string) => Verdict | Promise<Verdict>;

/** What comes of one SASL message. */
export type Outcome =
  | { readonly kind: 'ok'; readonly user: string }
  | { readonly kind: 'failed'; readonly user?: string; readonly why: 'authz' | 'temp' | undefined };

export const MECHANISMS = ['X-TOKEN', 'PLAIN'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/**
 * Has an attempt counted and logged that holds no name and token to verify, as a malformed token
 * is. Never looks at the guard.
 */
export async function countUnreadable(check: Check, why?: 'authz'): Promise<Outcome> {
  await check('', '');
  return { kind: 'failed', why };
}

/**
 * Verifies `authzid NUL authcid NUL token`, the message of X-TOKEN and of PLAIN (RFC 4616 §2)
 * alike.
 *
 * @param message - As it came from the client: names are prepared here, as Prosody would (RFC
 * 6120). Undefined: it was not base64.
 * With PLAIN, mail clients give `alice@example.com`, and are answered so. Where the host is fixed, the answer is the localpart, and
 * another host is refused.
 */
export async function tryMessage(
  message: Uint8Array | undefined,
  mechanism: Mechanism,
  { host = '', isFixed }: Realm,
  check: Check,
): Promise<Outcome> {
  if (message === undefined) return countUnreadable(check);
  const whole = mechanism === 'PLAIN' ? wholeName(message) : undefined;
  const domain = domainOf(whole?.domain ?? host);
  if (domain === undefined || (isFixed && domain !== domainOf(host))) return countUnreadable(check);
  const read = readXToken(whole?.message ?? message, domain);
  if (typeof read === 'string') {
    return countUnreadable(check, read === 'invalid-authzid' ? 'authz' : undefined);
  }
  const user = whole === undefined || isFixed ? read.localpart : read.jid;
  const verdict = await check(read.jid, read.token);
  if (verdict.ok === true) return { kind: 'ok', user };
  return { kind: 'failed', user, why: isOutage(verdict.code) ? 'temp' : undefined };
}

const domainOf = (host: string): string | undefined => prepareJid(`x@${host}`)?.slice(2);

const AT = 0x40;

/** The message with the localpart alone as the authcid, if that was a whole address. */
function wholeName(message: Uint8Array): { message: Uint8Array; domain: string } | undefined {
  const first = message.indexOf(0);
  const second = message.indexOf(0, first + 1);
  const at = message.lastIndexOf(AT, second - 1);
  if (first < 0 || second < 0 || at <= first) return undefined;
  const rest = message.subarray(second);
  const shorter = new Uint8Array(at + rest.length);
  shorter.set(message.subarray(0, at));
  shorter.set(rest, at);
  const domain = new TextDecoder().decode(message.subarray(at + 1, second));
  return { message: shorter, domain };
}
