import { challenge, quietChallenge, seeOther, unauthorized } from './answers.js';
import { type Asked, askedBy, takesNoRedirect, waitingFor } from './browser.js';
import type { Login } from './login.js';

/** How somebody without good credentials is refused. */
export interface RefusedAnswer {
  /** For `WWW-Authenticate`. */
  readonly challenge: string;
  /** Where a person is sent to log in. */
  readonly location?: string | undefined;
}

/**
 * A person is sent to log in, where there is such a place. A script gets a challenge at which no
 * browser opens its window for a password. Everyone else is asked for Basic and Bearer credentials.
 *
 * The page to come back to is left out where the request was no GET: opened by GET, its address may
 * be something else.
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
 * The refusal as the answer of `/auth`: 401, or 303 to the login.
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
