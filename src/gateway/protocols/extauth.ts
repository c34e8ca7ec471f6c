import type { Verdict } from '../../index.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import type { Refusal } from '../refusal.js';

/** What the questions are answered with. */
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
 * ejabberd's external authentication, which Prosody's `mod_auth_external` speaks too: questions
 * with a length of two bytes before each, big-endian, and answers of four bytes, one after the
 * other and in order.
 *
 * - `auth:USER:HOST:TOKEN` is yes for a token that is accepted. Each of them is verified, so that
 *   each is counted and logged, also where USER, HOST or TOKEN cannot be one.
 * - `isuser:USER:HOST` is yes for any name that can be one on a host with keys: there is no list of
 *   users.
 * - What would change a user (`setpass`, `tryregister`, `removeuser`, `removeuser3`) and what
 *   cannot be read is no, and is counted and logged.
 *
 * The protocol knows yes and no alone. So while no guard can judge the answer is no, and the log
 * says why: ejabberd would take silence for a program that hangs, and end it.
 *
 * No name of a user has a colon (RFC 7622 §3.3.1), so USER ends at the first one. A HOST in
 * brackets is an IPv6 address and ends with its bracket; any other ends at the next colon.
 * Everything behind it is the TOKEN: a password may have colons, as a token has none.
 *
 * @param input - What came, cut anywhere. A question that is cut off by the end has no answer.
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

/** Bytes that are no UTF-8 become U+FFFD, which is in no name and no token. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
