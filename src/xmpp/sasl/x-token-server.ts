import { optionError } from '../../errors.js';
import type { RejectCode, Verdict } from '../../token/verdict.js';
import { nameprep } from '../stringprep.js';
import { type MessageFault, readXToken } from './message.js';

export interface XTokenServerOptions {
  /** The domain that users log in to, as in the verifier's `hosts`. */
  readonly host: string;
  /**
   * Verifies and uses a token up: `(jid, token) => verifier.verify(jid, token)`. The jid is prepared. If it throws or is
   * rejected, the attempt fails for now.
   */
  readonly verify: (jid: string, token: string) => Verdict | Promise<Verdict>;
}

/** Conditions of RFC 6120 §6.5 that this mechanism gives. */
export type SaslCondition =
  | MessageFault
  | 'aborted'
  | 'incorrect-encoding'
  | 'not-authorized'
  | 'temporary-auth-failure';

export type SaslAnswer =
  /** Nothing was said yet: send an empty challenge, RFC 4422 §3. */
  | { readonly kind: 'challenge' }
  | { readonly kind: 'success'; readonly jid: string; readonly localpart: string; readonly verdict: Verdict }
  /**
   * `condition` is for the client. `reason` is for logs and metrics alone: a client that knew it could tell a wrong name
   * from a wrong token.
   */
  | { readonly kind: 'failure'; readonly condition: SaslCondition; readonly reason: SaslReason };

/** Why an attempt failed, for logs: the condition, or what the verifier said. */
export type SaslReason = Exclude<SaslCondition, 'not-authorized'> | RejectCode;

/** A message of more bytes cannot be right: three fields of 1023 and two NULs. */
const MAX_MESSAGE = 3 * 1023 + 2;
/** RFC 4648 §4 with its padding; spare bits are left to the decoder. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The server's side of one X-TOKEN attempt, Prosody's `mod_sasl_token` without its faults. Made by `createXTokenServer`, one for each
 * attempt; after `success` or `failure` it has no more to say.
 */
export class XTokenServer {
  readonly #host: string;
  readonly #verify: XTokenServerOptions['verify'];
  #state: 'new' | 'challenged' | 'over' = 'new';

  /** @internal */
  constructor(host: string, verify: XTokenServerOptions['verify']) {
    this.#host = host;
    this.#verify = verify;
  }

  /**
   * Takes the client's message and gives the answer. Never throws for what a client sends.
   *
   * @param message - Raw bytes `authzid NUL authcid NUL token`; `undefined` for an `<auth/>` without an initial response.
   */
  async respond(message?: Uint8Array): Promise<SaslAnswer> {
    if (this.#state === 'over') return failure('malformed-request');
    if (message === undefined && this.#state === 'new') {
      this.#state = 'challenged';
      return { kind: 'challenge' };
    }
    this.#state = 'over';
    if (message === undefined || message.length > MAX_MESSAGE) return failure('malformed-request');
    const read = readXToken(message, this.#host);
    if (typeof read === 'string') return failure(read);
    const { jid, localpart, token } = read;
    let verdict: Verdict;
    try {
      verdict = await this.#verify(jid, token);
    } catch {
      return failure('temporary-auth-failure');
    }
    if (verdict.ok) return { kind: 'success', jid, localpart, verdict };
    const isTemporary = verdict.code === 'guard-unavailable';
    return {
      kind: 'failure',
      condition: isTemporary ? 'temporary-auth-failure' : 'not-authorized',
      reason: verdict.code,
    };
  }

  /**
   * The same for the text of `<auth/>` or `<response/>` as it stands in the stream: base64, `=` for an empty message, an
   * empty text for none (RFC 6120 §6.4.2).
   */
  async respondBase64(text: string): Promise<SaslAnswer> {
    if (text === '') return this.respond(undefined);
    if (text === '=') return this.respond(new Uint8Array());
    if (this.#state !== 'over' && !BASE64.test(text)) {
      this.#state = 'over';
      return failure('incorrect-encoding');
    }
    return this.respond(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  }

  /** The client sent `<abort/>`: RFC 6120 §6.4.4. */
  abort(): SaslAnswer {
    this.#state = 'over';
    return failure('aborted');
  }
}

function failure(condition: Exclude<SaslCondition, 'not-authorized'>): SaslAnswer {
  return { kind: 'failure', condition, reason: condition };
}

/**
 * Starts one X-TOKEN attempt on a server.
 *
 * @throws {VerifierError} `ERR_OPTION`: `host` cannot be prepared, or `verify` is no function.
 *
 * @example
 * const attempt = createXTokenServer({ host: 'example.com', verify: (jid, token) => verifier.verify(jid, token) });
 * const answer = await attempt.respondBase64(auth.text());
 */
export function createXTokenServer({ host, verify }: XTokenServerOptions): XTokenServer {
  const prepared = typeof host === 'string' ? nameprep(host) : null;
  if (!prepared) throw optionError('host', 'not a domain', 'write it as in hosts, such as example.com');
  if (typeof verify !== 'function') {
    throw optionError('verify', 'not a function', 'hand in (jid, token) => verifier.verify(jid, token)');
  }
  return new XTokenServer(prepared, verify);
}
