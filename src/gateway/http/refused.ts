import { challenge, quietChallenge, seeOther, unauthorized } from './answers.js';
import { type Asked, askedBy, takesNoRedirect, waitingFor } from './browser.js';
import type { Login } from './login.js';

/** How a request without valid credentials is refused. */
export interface RefusedAnswer {
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
  /** The login page to which a person is sent. */
  readonly location?: string | undefined;
}

/**
 * Chooses a refusal. A person is sent to the login page, if there is one. A script gets a challenge
 * at which a browser does not ask for a password. All others are asked for Basic and Bearer
 * credentials.
 *
 * The page to return to is left out if the request was not a GET. Opened by GET, its address may be
 * something else.
 */
export function refusalOf(asked: Asked, login: Login, realm: string): RefusedAnswer {
  const waiting = waitingFor(asked);
  const isPage = asked.method === 'GET' || asked.method === 'HEAD';
  const location =
    waiting === 'person' ? login.location(isPage ? asked.address : undefined) : undefined;
  const isQuiet = waiting === 'script' || location !== undefined;
  const { 'www-authenticate': text } = isQuiet ? quietChallenge(realm) : challenge(realm);
  return { challenge: text, location };
}

/**
 * Writes the refusal as the answer of `/auth`: 401, or 303 to the login page.
 *
 * @param reason - As of `unauthorized`.
 */
export function refused(
  request: Request,
  env: unknown,
  login: Login,
  realm: string,
  reason?: string,
): Response {
  const { challenge, location } = refusalOf(askedBy(request, env), login, realm);
  const headers = { 'www-authenticate': challenge };
  if (location === undefined) return unauthorized(realm, reason, headers);
  return takesNoRedirect(request)
    ? unauthorized(realm, reason, { ...headers, location })
    : seeOther(location);
}
