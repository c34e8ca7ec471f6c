import { addressOfBytes } from '../../text/ip.js';
import type { Asked } from '../http/browser.js';
import type { RefusedAnswer } from '../http/refused.js';
import { DATA_TYPE, type Datum, type SpoeReader, SpoeWriter, textOf } from './spoe-wire.js';

/** The name of the message that asks who sent a request. Other messages are ignored. */
export const MESSAGE = 'totp-token';

/** Names of the arguments with which HAProxy describes a request, apart from the credentials. */
type Said = 'mode' | 'accept' | 'requested-with' | 'method' | 'address';

/** A question of HAProxy, with the credentials of one request. */
export class SpoeQuestion implements Asked {
  /**
   * The value of `Authorization`. Several values are joined by `, `, and are then not valid
   * credentials.
   */
  readonly authorization: string | undefined;
  /** All values of `Cookie`, joined by `; ` (RFC 9113 §8.2.3). */
  readonly cookie: string | undefined;
  readonly #client: Uint8Array | undefined;
  readonly #said: Partial<Record<Said, Uint8Array>>;

  constructor(
    authorization: string | undefined,
    cookie: string | undefined,
    client: Uint8Array | undefined,
    said: Partial<Record<Said, Uint8Array>> = {},
  ) {
    this.authorization = authorization;
    this.cookie = cookie;
    this.#client = client;
    this.#said = said;
  }

  get mode(): string | undefined {
    return this.#text('mode');
  }

  get accept(): string | undefined {
    return this.#text('accept');
  }

  get requestedWith(): string | undefined {
    return this.#text('requested-with');
  }

  get method(): string {
    return this.#text('method') ?? 'GET';
  }

  get address(): string | undefined {
    return this.#text('address');
  }

  /** Decodes an argument. Only refusals need the text, so it is not decoded before. */
  #text(name: Said): string | undefined {
    const bytes = this.#said[name];
    return bytes === undefined ? undefined : textOf(bytes);
  }

  /** The address of the request's client. Formatted only when it is logged. */
  get client(): string | undefined {
    const bytes = this.#client;
    return bytes === undefined ? undefined : addressOfBytes(bytes);
  }
}

/**
 * Reads a NOTIFY's messages: SPOE.txt §3.2.
 *
 * @returns The question. Null if there is no question or more than one, because an answer belongs
 *   to one question.
 * @throws {SpoeFault} The payload is malformed, even if the fault is in another message.
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
  let client: Uint8Array | undefined;
  const said: Partial<Record<Said, Uint8Array>> = {};
  for (let left = payload.byte(); left > 0; left--) {
    const name = textOf(payload.string());
    const value = payload.datum();
    if (name === 'authorization') authorization = joined(authorization, ', ', value, payload.type);
    else if (name === 'cookie') cookie = joined(cookie, '; ', value, payload.type);
    else if (name === 'client') client = addressIn(value, payload.type);
    else if (isSaid(name) && isText(payload.type)) said[name] = value as Uint8Array;
  }
  return new SpoeQuestion(authorization, cookie, client, said);
}

const SAID: readonly string[] = ['mode', 'accept', 'requested-with', 'method', 'address'];
const isSaid = (name: string): name is Said => SAID.includes(name);

const isText = (type: number): boolean => type === DATA_TYPE.string || type === DATA_TYPE.binary;

/** Appends a header's value. A header that the request does not have is NULL, and is skipped. */
function joined(
  before: string | undefined,
  separator: string,
  value: Datum,
  type: number,
): string | undefined {
  if (!isText(type)) return before;
  const text = textOf(value as Uint8Array);
  return before === undefined ? text : before + separator + text;
}

const addressIn = (value: Datum, type: number): Uint8Array | undefined =>
  type === DATA_TYPE.ipv4 || type === DATA_TYPE.ipv6 ? (value as Uint8Array) : undefined;

/** An answer to HAProxy, by HTTP status. */
export type SpoeAnswer =
  /** The account, encoded for headers, and the cookie of a renewed session. */
  | {
      readonly status: 200;
      readonly jid: string;
      readonly user: string;
      readonly host: string;
      readonly setCookie?: string | undefined;
    }
  /** @see refusalOf */
  | ({ readonly status: 401 } & RefusedAnswer)
  /** @see unavailable */
  | { readonly status: 503; readonly retryAfter: string };

const SET_VAR = 1;
const UNSET_VAR = 2;
/** The variable lasts as long as the request and its answer. */
const SCOPE_TRANSACTION = 2;

/**
 * Writes the variables of an answer. A refusal unsets the account variables of an earlier answer.
 */
export function writeActions(writer: SpoeWriter, answer: SpoeAnswer): void {
  if (answer.status === 200) {
    for (const name of ['jid', 'user', 'host'] as const) setVar(writer, name).text(answer[name]);
    if (answer.setCookie !== undefined) setVar(writer, 'set_cookie').text(answer.setCookie);
  } else {
    writer.raw(UNSET_ACCOUNT);
    if (answer.status === 401) {
      setVar(writer, 'challenge').text(answer.challenge);
      if (answer.location !== undefined) setVar(writer, 'location').text(answer.location);
    } else setVar(writer, 'retry_after').text(answer.retryAfter);
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
