import { optionError } from '../../errors.js';

/** Settings for login with a browser. */
export interface LoginSettings {
  /**
   * The login page, to which a person without a session is sent: an absolute URL. Default: no login
   * page, and the browser asks for Basic credentials.
   */
  readonly loginUrl?: string | undefined;
  /**
   * The parameter of `loginUrl` that holds the page that the person wanted. Default `return_to`.
   */
  readonly loginParameter: string;
  /**
   * Origins such as `https://app.example.com`. People are sent back only to these, and only their
   * pages may send the form of `POST /v1/session`. People who did not ask for a page of these
   * origins are sent to the first. Default: no origins, and the form is refused.
   */
  readonly allowedOrigins: readonly string[];
}

/** The longest address, in characters, that every browser and server accepts. */
const MAX_ADDRESS = 2048;
/**
 * An absolute URL of printable ASCII, without a backslash or a third slash, which browsers skip.
 */
const ADDRESS = /^https?:\/\/[!-.0-[\]-~][!-[\]-~]*$/i;

/** The other fields of the form and of the login page's address. */
const OTHER_FIELDS: readonly string[] = ['jid', 'token', 'error'];

/** Why a login failed, for the login page. */
export type LoginFailure = 'rejected' | 'unavailable';

/** Sends people to the login page and back to an allowed origin, and nowhere else. */
export class Login {
  /** The page for people who asked for no allowed page. Undefined if the form is refused. */
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
        'not an origin',
        'write scheme and host in lower case, such as https://app.example.com, without a path',
      );
    });
    if (!/^[\w.-]{1,64}$/.test(loginParameter)) {
      throw optionError('loginParameter', 'not usable', 'write letters, digits, ".", "-" and "_"');
    }
    if (OTHER_FIELDS.includes(loginParameter)) {
      throw optionError(
        'loginParameter',
        'the name of another field',
        'write another name, such as return_to',
      );
    }
    const url = loginUrl === undefined ? undefined : urlOf(loginUrl);
    if (loginUrl !== undefined && (url === undefined || url.hash !== '')) {
      throw optionError(
        'loginUrl',
        'not an absolute URL, or has a user or a fragment',
        'write a URL such as https://app.example.com/login',
      );
    }
    if (loginUrl !== undefined && allowedOrigins.length === 0) {
      throw optionError(
        'allowedOrigins',
        'empty, so people cannot be sent back after the login',
        'name the origins of your applications, such as https://app.example.com',
      );
    }
    this.#origins = new Set(allowedOrigins);
    this.home = allowedOrigins[0] === undefined ? undefined : `${allowedOrigins[0]}/`;
    this.#url = url?.href;
    this.#parameter = loginParameter;
  }

  /**
   * Returns an allowed address in its normal form, or undefined for any other text. So a link to
   * the login page cannot lead to another site afterwards.
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
   * The address of the login page, with the page to return to. Undefined if there is no login page.
   *
   * @param address - The page to return to, not checked yet. It is left out if it is not allowed.
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
