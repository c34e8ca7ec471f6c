import { checkKnown } from '../../check.js';
import { optionError } from '../../errors.js';
import { forgetMatch } from '../../text/safe.js';
import { isBytes, viewOf } from '../../text/utf8.js';
import type { Accepted, Rejected, Verdict } from '../../token/verdict.js';
import { prepareJid } from '../prepare-jid.js';
import {
  CHALLENGE,
  failedVerification,
  failure,
  rejection,
  type SaslAnswer,
  type SaslFailure,
} from './answer.js';
import { MAX_MESSAGE_BYTES, readXToken } from './message.js';

/** Options of `createXTokenServer`. */
export interface XTokenServerOptions {
  /** The domain that users log in to, as in the verifier's `hosts`. */
  readonly host: string;
  /**
   * Verifies a token and uses it up: `(jid, token) => verifier.verify(jid, token)`. The jid is
   * prepared already. If the function throws or rejects, the client gets `temporary-auth-failure`.
   */
  readonly verify: (jid: string, token: string) => Verdict | Promise<Verdict>;
}

/** RFC 4648 §4 with its padding. The bits after the last byte are zero. */
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const MAX_BASE64_CHARS = Math.ceil(MAX_MESSAGE_BYTES / 3) * 4;

/**
 * The server's side of one X-TOKEN attempt. It takes each message of the client and returns the
 * answer. Made by `createXTokenServer`. The attempt is over after `success` or `failure`: make
 * another object for the next `<auth/>`.
 */
export class XTokenServer {
  readonly #options: XTokenServerOptions;
  #state: 'new' | 'challenged' | 'said' | 'over' = 'new';

  /** @internal */
  constructor(options: XTokenServerOptions) {
    this.#options = options;
  }

  /**
   * Takes the content of `<auth/>` or `<response/>` as it is in the stream: base64, `=` for an
   * empty message, an empty text for no message (RFC 6120 §6.4.2).
   *
   * Never rejects because of a client's message. If the client sends anything while its message is
   * being verified, even `abort`, the attempt ends without a login.
   *
   * @throws {TypeError} Not a string.
   */
  async respondBase64(text: string): Promise<SaslAnswer> {
    if (typeof text !== 'string') throw new TypeError(`text: must be a string, not ${typeof text}`);
    if (text === '') return this.respond();
    if (text === '=') return this.respond(new Uint8Array());
    if (text.length > MAX_BASE64_CHARS) return this.#end('malformed-request');
    const isBase64 = BASE64.test(text);
    forgetMatch();
    if (!isBase64) return this.#end('incorrect-encoding');
    return this.respond(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  }

  /**
   * Does the same for raw bytes `authzid NUL authcid NUL token`, or for `undefined`, an `<auth/>`
   * without an initial response.
   *
   * @throws {TypeError} Neither bytes nor `undefined`.
   */
  async respond(given?: Uint8Array): Promise<SaslAnswer> {
    if (given !== undefined && !isBytes(given)) {
      throw new TypeError(`message: must be a Uint8Array, not ${typeof given}`);
    }
    const message = given === undefined ? undefined : viewOf(given);
    if (message === undefined && this.#state === 'new') {
      this.#state = 'challenged';
      return CHALLENGE;
    }
    const isDue = this.#state === 'new' || this.#state === 'challenged';
    if (!isDue || message === undefined || message.length > MAX_MESSAGE_BYTES) {
      return this.#end('malformed-request');
    }
    const read = readXToken(message, this.#options.host);
    if (typeof read === 'string') return this.#end(read);

    this.#state = 'said';
    const answer = await this.#verify(read.jid, read.localpart, read.token);
    return this.#state === 'said' ? answer : failure('aborted', read.jid);
  }

  /** The client sent `<abort/>`: RFC 6120 §6.4.4. */
  abort(): SaslFailure {
    return this.#end('aborted');
  }

  async #verify(jid: string, localpart: string, token: string): Promise<SaslAnswer> {
    try {
      const verdict = await this.#options.verify(jid, token);
      const { ok } = verdict;
      // Only `true` counts, so a function that does not return a verdict logs nobody in.
      if (ok === true) return { kind: 'success', jid, localpart, verdict: verdict as Accepted };
      if (ok === false) return rejection(jid, (verdict as Rejected).code);
      return failedVerification(
        jid,
        new TypeError('verify: must return a verdict, or a promise of one'),
      );
    } catch (cause) {
      return failedVerification(jid, cause);
    }
  }

  #end(condition: SaslFailure['condition'] & SaslFailure['reason']): SaslFailure {
    this.#state = 'over';
    return failure(condition);
  }
}

/**
 * Starts one X-TOKEN attempt on a server. It behaves like Prosody's `mod_sasl_token`, except that
 * the authzid counts (RFC 4616 §2) and that every message gets an answer. Names are prepared by
 * {@link prepareJid}.
 *
 * @throws {VerifierError} `ERR_OPTION`, with the option in `field`: `host` is not a domain, or
 *   `verify` is not a function.
 *
 * @example
 * const attempt = createXTokenServer({ host: 'example.com', verify: (jid, token) => verifier.verify(jid, token) });
 * const answer = await attempt.respondBase64(textOfAuth);
 */
export function createXTokenServer(options: XTokenServerOptions): XTokenServer {
  checkKnown(options, ['host', 'verify'], 'options');
  const { host, verify } = options;
  const anyone = typeof host === 'string' ? prepareJid(`x@${host}`) : null;
  if (anyone === null)
    throw optionError('host', 'not a domain', 'write it as in hosts, such as "example.com"');
  if (typeof verify !== 'function') {
    throw optionError(
      'verify',
      'not a function',
      'write (jid, token) => verifier.verify(jid, token)',
    );
  }
  return new XTokenServer({ host: anyone.slice(2), verify });
}
