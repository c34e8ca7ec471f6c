import { checkKnown } from '../../check.js';
import { writeXToken } from './message.js';

/** Credentials as xmpp.js passes them to a mechanism. Its other fields are not needed here. */
export interface XTokenCredentials {
  /** Localpart. The server prepares it. */
  readonly username: string;
  /** The token. */
  readonly password: string;
  /** Empty, or the user's own bare JID. */
  readonly authzid?: string | undefined;
}

/**
 * SASL X-TOKEN for `@xmpp/client` 0.14, for SASL (RFC 6120 §6) and SASL2 (XEP-0388) alike.
 *
 * @example
 * const xmpp = client({ service, domain, credentials: tokenCredentials('alice', fetchToken) });
 * xmpp.saslFactory.use(XToken);
 */
export class XToken {
  // The factory of xmpp.js reads these from the prototype, so they are getters and not fields.
  /** The name of the mechanism. */
  get name(): 'X-TOKEN' {
    return 'X-TOKEN';
  }

  /** The client speaks first, RFC 4422 §3. */
  get clientFirst(): true {
    return true;
  }

  /**
   * The one message of the mechanism.
   *
   * @returns One character for each byte, U+0000 to U+00FF: xmpp.js encodes it with `btoa`, which
   *   accepts only these.
   * @throws {TypeError} A field is missing, longer than 1023 bytes or not representable. The
   *   message does not show the fields.
   */
  response({ username, password, authzid = '' }: XTokenCredentials): string {
    return String.fromCharCode(...writeXToken(username, password, authzid));
  }

  /**
   * X-TOKEN has only the empty challenge, with which a server asks for the message, RFC 4422 §5.1.
   */
  challenge(): this {
    return this;
  }
}

/** Options of `tokenCredentials`. */
export interface TokenCredentialsOptions {
  /**
   * Whether to send tokens over a connection that is not encrypted, where somebody else can read
   * and use a token first. A connection to this machine is always allowed. Default false.
   */
  readonly allowUnencrypted?: boolean | undefined;
  /**
   * The element `<user-agent/>` of XEP-0388, made by `xml` of `@xmpp/client`. Default: no element.
   */
  readonly userAgent?: unknown;
}

/** The function that `client` of `@xmpp/client` accepts as `credentials`, for each connection. */
export type CredentialsFunction = (
  // `never`: an element of xmpp.js, whose types are not needed here.
  authenticate: (
    credentials: XTokenCredentials,
    mechanism: string,
    userAgent: never,
  ) => Promise<void>,
  mechanisms: readonly string[],
  fast: unknown,
  entity: { isSecure?(): boolean },
) => Promise<void>;

/**
 * Makes credentials for `@xmpp/client`. A token is valid for one login, so every connection and
 * reconnection fetches a new token.
 *
 * If the returned function fails, xmpp.js emits `error` and keeps the connection without a login.
 *
 * @param username - Localpart, or a function that returns it.
 * @param fetchToken - Gets a new token from the application that issues them. It is not called if
 *   the server does not offer X-TOKEN.
 * @returns A function for the option `credentials`. It rejects if the server does not offer
 *   X-TOKEN, or the connection is not encrypted.
 * @throws {VerifierError} `ERR_OPTION`: an option is unknown.
 *
 * @example
 * tokenCredentials('alice', async () => (await fetch('/xmpp-token')).text());
 */
export function tokenCredentials(
  username: string | (() => string | Promise<string>),
  fetchToken: () => string | Promise<string>,
  options: TokenCredentialsOptions = {},
): CredentialsFunction {
  checkKnown(options, ['allowUnencrypted', 'userAgent'], 'options');
  const { allowUnencrypted, userAgent } = options;
  return async (authenticate, mechanisms, _fast, entity) => {
    // xmpp.js lists only mechanisms that were registered with it and that the server offers.
    if (!mechanisms.includes('X-TOKEN')) {
      throw new Error(
        'X-TOKEN is not available: the server does not offer it here, or xmpp.saslFactory.use(XToken) was left out',
      );
    }
    if (allowUnencrypted !== true && entity?.isSecure?.() !== true) {
      throw new Error(
        'the connection is not encrypted: use wss:// or TLS, or set allowUnencrypted',
      );
    }
    const name = typeof username === 'function' ? await username() : username;
    const credentials = { username: name, password: await fetchToken() };
    await authenticate(credentials, 'X-TOKEN', userAgent as never);
  };
}
