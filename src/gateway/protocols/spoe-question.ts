import { DATA_TYPE, type Datum, type SpoeReader, SpoeWriter, textOf } from './spoe-wire.js';

/** The name of the message that asks who sent a request. Others are not looked at. */
export const MESSAGE = 'totp-token';

/** What HAProxy asks: the credentials of one request. */
export class SpoeQuestion {
  /** The value of `Authorization`; several are joined by `, `, which no credential is. */
  readonly authorization: string | undefined;
  /** All values of `Cookie`, joined by `; ` (RFC 9113 §8.2.3). */
  readonly cookie: string | undefined;
  readonly #address: Uint8Array | undefined;

  constructor(
    authorization: string | undefined,
    cookie: string | undefined,
    address: Uint8Array | undefined,
  ) {
    this.authorization = authorization;
    this.cookie = cookie;
    this.#address = address;
  }

  /** The address of the request's client. Made of its bytes only where it is logged. */
  get client(): string | undefined {
    const bytes = this.#address;
    if (bytes === undefined) return undefined;
    if (bytes.length === 4) return bytes.join('.');
    const groups = Array.from({ length: 8 }, (_, i) =>
      ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
    );
    // URL has the one spelling of RFC 5952 §4.
    return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  }
}

/**
 * Reads a NOTIFY's messages: SPOE.txt §3.2.
 *
 * @returns The question; null where there is none, or more than one: an answer is for one.
 * @throws {SpoeFault} The payload is not in form, whichever message is.
 */
export function readQuestion(payload: SpoeReader): SpoeQuestion | null {
  let question: SpoeQuestion | null = null;
  let count = 0;
  while (!payload.isAtEnd) {
    const isOurs = textOf(payload.string()) === MESSAGE;
    const read = readArguments(payload);
    if (!isOurs) continue;
    count++;
    question = read;
  }
  return count === 1 ? question : null;
}

function readArguments(payload: SpoeReader): SpoeQuestion {
  let authorization: string | undefined;
  let cookie: string | undefined;
  let address: Uint8Array | undefined;
  for (let left = payload.byte(); left > 0; left--) {
    const name = textOf(payload.string());
    const value = payload.datum();
    if (name === 'authorization') authorization = joined(authorization, ', ', value, payload.type);
    else if (name === 'cookie') cookie = joined(cookie, '; ', value, payload.type);
    else if (name === 'client') address = addressIn(value, payload.type);
  }
  return new SpoeQuestion(authorization, cookie, address);
}

/** A header that is not in the request is NULL. */
function joined(
  before: string | undefined,
  separator: string,
  value: Datum,
  type: number,
): string | undefined {
  if (type !== DATA_TYPE.string && type !== DATA_TYPE.binary) return before;
  const text = textOf(value as Uint8Array);
  return before === undefined ? text : before + separator + text;
}

const addressIn = (value: Datum, type: number): Uint8Array | undefined =>
  type === DATA_TYPE.ipv4 || type === DATA_TYPE.ipv6 ? (value as Uint8Array) : undefined;

/** What HAProxy is answered, by HTTP status. */
export type SpoeAnswer =
  /** The account, as its headers are to be written. */
  | { readonly status: 200; readonly jid: string; readonly user: string; readonly host: string }
  /** @see unauthorized */
  | { readonly status: 401; readonly challenge: string }
  /** @see unavailable */
  | { readonly status: 503; readonly retryAfter: string };

const SET_VAR = 1;
const UNSET_VAR = 2;
/** The variable lasts as long as the request and its answer. */
const SCOPE_TRANSACTION = 2;

/** Has a transaction say who sent its request, or nothing of an earlier answer. */
export function writeActions(writer: SpoeWriter, answer: SpoeAnswer): void {
  if (answer.status === 200) {
    for (const name of ['jid', 'user', 'host'] as const) setVar(writer, name).text(answer[name]);
  } else {
    writer.raw(UNSET_ACCOUNT);
    if (answer.status === 401) setVar(writer, 'challenge').text(answer.challenge);
    else setVar(writer, 'retry_after').text(answer.retryAfter);
  }
  setVar(writer, 'status').uint32(answer.status);
}

const setVar = (writer: SpoeWriter, name: string): SpoeWriter =>
  writer.byte(SET_VAR).byte(3).byte(SCOPE_TRANSACTION).string(name);

const UNSET_ACCOUNT: Uint8Array = (() => {
  const writer = new SpoeWriter();
  for (const name of ['jid', 'user', 'host'])
    writer.byte(UNSET_VAR).byte(2).byte(SCOPE_TRANSACTION).string(name);
  return writer.take();
})();
