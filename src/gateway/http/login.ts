import { optionError } from '../../errors.js';

/** How people log in with a browser. */
export interface LoginSettings {
  /**
   * Where a person without a session is sent: an absolute URL. Default: none, the browser asks for
   * Basic credentials.
   */
  readonly loginUrl?: string | undefined;
  /** The parameter of `loginUrl` that holds the page that was asked for. Default `return_to`. */
  readonly loginParameter: string;
  /**
   * Origins such as `https://app.example.com`: those to which people are sent back, and whose pages
   * may send the form of `POST /v1/session`. The first is where people land who asked for no page
   * of these. Default: none, the form is not taken.
   */
  readonly allowedOrigins: readonly string[];
}

/** Addresses are no longer than what every browser and server takes. */
const MAX_ADDRESS = 2048;
/** An absolute URL of printable ASCII, without a backslash and a third slash: browsers skip them. */
const ADDRESS = /^https?:\/\/[!-.0-[\]-~][!-[\]-~]*$/i;

/** What else stands in the form, and in the address of the login page. */
const OTHER_FIELDS: readonly string[] = ['jid', 'token', 'error'];

/** Why a login failed, as the login page is told. */
export type LoginFailure = 'rejected' | 'unavailable';

/** Sends people to log in and back, and nowhere else. */
export class Login {
  /** Where people land who asked for no page that is allowed. Undefined: the form is not taken. */
  readonly home: string | undefined;
  readonly #origins: ReadonlySet<string>;
  readonly #url: string | undefined;
  readonly #parameter: string;

  /** @throws {VerifierError} `ERR_OPTION`. */
  constructor({ loginUrl, loginParameter, allowedOrigins }: LoginSettings) {
    allowedOrigins.forEach((origin, i) => {
      if (urlOf(origin)?.origin === origin) return;
      throw optionError(
        `allowedOrigins[${i}]`,
        'no origin',
        'write scheme and host in lower case, such as https://app.example.com, without a path',
      );
    });
    if (!/^[\w.-]{1,64}$/.test(loginParameter)) {
      throw optionError('loginParameter', 'not usable', 'write letters, digits, ".", "-" and "_"');
    }
    if (OTHER_FIELDS.includes(loginParameter)) {
      throw optionError('loginParameter', 'the name of another field', 'write return_to, say');
    }
    const url = loginUrl === undefined ? undefined : urlOf(loginUrl);
    if (loginUrl !== undefined && (url === undefined || url.hash !== '')) {
      throw optionError(
        'loginUrl',
        'no absolute URL, or one with a user or a fragment',
        'write a URL such as https://app.example.com/login',
      );
    }
    if (loginUrl !== undefined && allowedOrigins.length === 0) {
      throw optionError(
        'allowedOrigins',
        'empty, so that nobody could be sent back after the login',
        'name the origins of your applications, such as https://app.example.com',
      );
    }
    this.#origins = new Set(allowedOrigins);
    this.home = allowedOrigins[0] === undefined ? undefined : `${allowedOrigins[0]}/`;
    this.#url = url?.href;
    this.#parameter = loginParameter;
  }

  /**
   * An address to which a person may be sent, in one spelling; undefined for any other text. So a
   * link to the login cannot lead to another site afterwards.
   */
  allowed(address: string | undefined): string | undefined {
    const url = address === undefined ? undefined : urlOf(address);
    return url !== undefined && this.#origins.has(url.origin) ? url.href : undefined;
  }

  /** Whether a page of this origin may send the form. */
  isAllowedOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /**
   * Where to log in, with the address to go on to. Undefined: there is no such place.
   *
   * @param address - Not checked yet. One that is not allowed is left out.
   */
  location(address: string | undefined, failure?: LoginFailure): string | undefined {
    if (this.#url === undefined) return undefined;
    const allowed = this.allowed(address);
    const parameters = [
      ...(allowed === undefined ? [] : [`${this.#parameter}=${encodeURIComponent(allowed)}`]),
      ...(failure === undefined ? [] : [`error=${failure}`]),
    ].join('&');
    if (parameters === '') return this.#url;
    return this.#url + (this.#url.includes('?') ? '&' : '?') + parameters;
  }
}

function urlOf(text: string): URL | undefined {
  if (text.length > MAX_ADDRESS || !ADDRESS.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const hasMore = url.username !== '' || url.password !== '' || url.hostname.includes('*');
  return hasMore ? undefined : url;
}
