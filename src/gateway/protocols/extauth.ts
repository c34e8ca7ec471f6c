import type { Verdict } from '../../index.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import type { Refusal } from '../refusal.js';

/** The functions that answer the questions. */
export interface ExtauthOptions {
  readonly check: (jid: string, token: string) => Verdict | Promise<Verdict>;
  /** Counts and logs a question that is not about a token or a name. */
  readonly refuse: (why: Refusal) => void;
  /** Hosts that have keys. */
  readonly hosts: () => readonly string[];
}

const LENGTH_BYTES = 2;
const YES = Uint8Array.of(0, 2, 0, 1);
const NO = Uint8Array.of(0, 2, 0, 0);

/**
 * Answers ejabberd's external authentication, which Prosody's `mod_auth_external` also uses. Each
 * question begins with its length, two bytes, big-endian. Each answer is four bytes. Questions are
 * answered one after the other, in order.
 *
 * - `auth:USER:HOST:TOKEN` is yes if the token is accepted. Every such question goes to the
 *   verifier, even if USER, HOST or TOKEN is malformed, so that every attempt is counted and
 *   logged.
 * - `isuser:USER:HOST` is yes for every valid name on a host that has keys. There is no list of
 *   users.
 * - Questions that would change a user (`setpass`, `tryregister`, `removeuser`, `removeuser3`) and
 *   unreadable questions are answered no, and are counted and logged.
 *
 * The protocol has only yes and no. So while the guard is unavailable the answer is no, and the log
 * says why. ejabberd would take silence for a hanging program and end it.
 *
 * A user's name has no colon (RFC 7622 §3.3.1), so USER ends at the first one. A HOST in brackets
 * is an IPv6 address and ends with its bracket. Any other HOST ends at the next colon. The rest is
 * the TOKEN. It may hold colons like a password, although a valid token has none.
 *
 * @param input - The input in any pieces. A question that the end of the input cuts off is not
 *   answered.
 */
export async function* answerExtauth(
  input: AsyncIterable<Uint8Array>,
  options: ExtauthOptions,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of input) {
    rest = joined(rest, chunk);
    let at = 0;
    while (rest.length - at >= LENGTH_BYTES) {
      const length = ((rest[at] ?? 0) << 8) | (rest[at + 1] ?? 0);
      const end = at + LENGTH_BYTES + length;
      if (rest.length < end) break;
      yield (await isYes(rest.subarray(at + LENGTH_BYTES, end), options)) ? YES : NO;
      at = end;
    }
    rest = rest.subarray(at);
  }
}

/** Questions that would change a user. */
const CHANGES = ['setpass', 'tryregister', 'removeuser', 'removeuser3'];

/** The parts of `USER:HOST` and of `USER:HOST:TOKEN`. */
const PARTS = /^(?<user>[^:]*):(?<host>\[[^\]]*\]|[^:]*)(?::(?<token>.*))?$/su;

async function isYes(
  question: Uint8Array,
  { check, refuse, hosts }: ExtauthOptions,
): Promise<boolean> {
  const text = textOf(question);
  const colon = text.indexOf(':');
  const command = text.slice(0, Math.max(colon, 0));
  const { user = '', host = '', token } = PARTS.exec(text.slice(colon + 1))?.groups ?? {};
  const jid = `${user}@${host}`;
  if (command === 'auth') return (await check(jid, token ?? '')).ok === true;
  if (command !== 'isuser' || token !== undefined) {
    refuse(CHANGES.includes(command) ? 'not-supported' : 'unreadable-question');
    return false;
  }
  const prepared = prepareJid(jid);
  return prepared !== null && hosts().includes(prepared.slice(prepared.indexOf('@') + 1));
}

/** Bytes that are not UTF-8 become U+FFFD, which no valid name or token contains. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
