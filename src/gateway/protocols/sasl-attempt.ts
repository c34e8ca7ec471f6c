import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { readXToken } from '../../xmpp/sasl/message.js';
import { type Refusal, whyNoMessage } from '../refusal.js';

/** The host whose accounts a client asks about. */
export interface Realm {
  /** The host of users who give no host. Undefined if such users cannot log in. */
  readonly host: string | undefined;
  /**
   * Whether users of other hosts are refused. An XMPP server takes the answer for an account of the
   * host that its client asked for, so a user of another host would become a user of this one.
   */
  readonly isFixed: boolean;
}

/**
 * Verifies a token and uses it up.
 *
 * @param client - The user's address, as the client gives it.
 */
export type Check = (
  jid: string,
  token: string,
  client: string | undefined,
) => Verdict | Promise<Verdict>;

/** Counts and logs an attempt that holds no name and token to verify. */
export type Refuse = (why: Refusal, jid: string | undefined, client: string | undefined) => void;

/** Every attempt ends in exactly one of these two functions. */
export interface Judge {
  readonly check: Check;
  readonly refuse: Refuse;
}

/** The result of one SASL message. */
export type Outcome =
  | { readonly kind: 'ok'; readonly user: string }
  | { readonly kind: 'failed'; readonly user?: string; readonly why: 'authz' | 'temp' | undefined };

/** LOGIN: draft-murchison-sasl-login-00. */
export const MECHANISMS = ['X-TOKEN', 'PLAIN', 'LOGIN'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/**
 * Verifies `authzid NUL authcid NUL token`, the message of both X-TOKEN and PLAIN (RFC 4616 §2).
 * For LOGIN, {@link loginMessage} makes this message of the two answers.
 *
 * With PLAIN and LOGIN, mail clients give `alice@example.com`, and get the same form back. If the
 * host is fixed, the answer is the localpart, and other hosts are refused.
 *
 * @param message - The message as it came from the client. Names are prepared here, as Prosody
 *   prepares them (RFC 6120). Undefined if it was not base64.
 * @param client - The user's address, for the log.
 */
export async function tryMessage(
  message: Uint8Array | undefined,
  mechanism: Mechanism,
  { host, isFixed }: Realm,
  { check, refuse: tell }: Judge,
  client: string | undefined,
): Promise<Outcome> {
  const refuse = (reason: Refusal, jid?: string): Outcome => {
    tell(reason, jid, client);
    return { kind: 'failed', why: reason === 'other-authzid' ? 'authz' : undefined };
  };
  if (message === undefined) return refuse('not-base64');
  const whole = mechanism === 'X-TOKEN' ? undefined : wholeName(message);
  const given = whole?.domain ?? host;
  const domain = domainOf(given ?? '');
  if (domain === undefined || (isFixed && domain !== domainOf(host ?? ''))) {
    const { why, jid } = whyNoMessage(whole?.message ?? message, given ?? 'host.invalid');
    // An unreadable message is reported before a wrong host.
    if (jid === undefined) return refuse(why);
    return given === undefined ? refuse('no-host') : refuse('other-host', jid);
  }
  const read = readXToken(whole?.message ?? message, domain);
  if (typeof read === 'string') {
    const { why, jid } = whyNoMessage(whole?.message ?? message, domain);
    return refuse(read === 'invalid-authzid' ? 'other-authzid' : why, jid);
  }
  const user = whole === undefined || isFixed ? read.localpart : read.jid;
  const verdict = await check(read.jid, read.token, client);
  if (verdict.ok === true) return { kind: 'ok', user };
  return { kind: 'failed', user, why: isOutage(verdict.code) ? 'temp' : undefined };
}

/**
 * Joins the two answers of LOGIN into a PLAIN message. A NUL in the name ends up in the token, so
 * the message stays unreadable.
 *
 * @param user - Undefined if it was not base64, like `token`.
 */
export function loginMessage(
  user: Uint8Array | undefined,
  token: Uint8Array | undefined,
): Uint8Array | undefined {
  if (user === undefined || token === undefined) return undefined;
  const message = new Uint8Array(user.length + token.length + 2);
  message.set(user, 1);
  message.set(token, user.length + 2);
  return message;
}

const domainOf = (host: string): string | undefined => prepareJid(`x@${host}`)?.slice(2);

const AT = 0x40;

/** Shortens the authcid to its localpart if it is a whole address. Undefined if it is not. */
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
