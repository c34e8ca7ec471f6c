import { writeXToken } from './message.js';

/** Credentials as xmpp.js hands them to a mechanism. */
export interface XTokenCredentials {
  /** Localpart; the server prepares it. */
  readonly username: string;
  /** The token. */
  readonly password: string;
  /** Empty, or the user's own bare JID. */
  readonly authzid?: string | undefined;
}

/**
 * SASL X-TOKEN for `@xmpp/client` 0.14, SASL and SASL2 alike.
 *
 * @example
 * const xmpp = client({ service, domain, credentials: tokenCredentials('alice', fetchToken) });
 * xmpp.saslFactory.use(XToken);
 */
export class XToken {
  declare readonly name: 'X-TOKEN';
  declare readonly clientFirst: true;

  /** The initial response, one character a byte: xmpp.js encodes it with `btoa`, which knows no others. */
  response({ username, password, authzid }: XTokenCredentials): string {
    return String.fromCharCode(...writeXToken(username, password, authzid));
  }

  /** An empty challenge asks for the initial response; there are no others. */
  challenge(): this {
    return this;
  }
}

// xmpp.js asks the prototype for them.
Object.assign(XToken.prototype, { name: 'X-TOKEN', clientFirst: true });

type Authenticate = (credentials: XTokenCredentials, mechanism: string) => Promise<void>;
interface Entity {
  isSecure?(): boolean;
}

/**
 * Credentials for `@xmpp/client`: a token is good for one login, so each connection asks for a fresh one.
 *
 * @param username - Localpart, or a function that gives it.
 * @param fetchToken - Gets a token from the application that issues them.
 * @param options - `allowUnencrypted`: also over a connection without TLS, where others can read the token and be quicker. For
 *   tests.
 * @returns What the option `credentials` takes. It rejects when the server does not offer X-TOKEN or the stream is not encrypted.
 */
export function tokenCredentials(
  username: string | (() => string | Promise<string>),
  fetchToken: () => string | Promise<string>,
  options: { readonly allowUnencrypted?: boolean | undefined } = {},
): (
  authenticate: Authenticate,
  mechanisms: readonly string[],
  fast?: unknown,
  entity?: Entity,
) => Promise<void> {
  return async (authenticate, mechanisms, _fast, entity) => {
    if (!mechanisms.includes('X-TOKEN')) {
      throw new Error(
        `the server does not offer X-TOKEN, or it was not given to saslFactory.use: ${mechanisms.join(', ')}`,
      );
    }
    if (entity?.isSecure?.() === false && options.allowUnencrypted !== true) {
      throw new Error('the connection is not encrypted: a token would be readable on its way');
    }
    const name = typeof username === 'function' ? await username() : username;
    await authenticate({ username: name, password: await fetchToken() }, 'X-TOKEN');
  };
}
