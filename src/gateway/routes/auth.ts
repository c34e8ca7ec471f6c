import type { Context } from 'hono';
import { accountOf, whenKnown } from '../checker.js';
import { unauthorized } from '../http/answers.js';
import { cookieOf, jidOfUser, parseAuthorization } from '../http/credentials.js';
import { identityHeaders } from '../http/identity.js';
import type { Parts } from '../route-context.js';
import { rejected } from './verify.js';

/**
 * `/auth`, by any method and with any path behind it (Envoy appends the original one): forward authentication.
 *
 * A session in the cookie counts before `Authorization`: a browser sends the Basic credentials that it once asked for
 * with every request, and their token is used up.
 */
export function authRoute(parts: Parts) {
  const { checker, sessions, settings } = parts;
  const { realm, defaultHost } = settings;

  function byAuthorization(c: Context): Response | Promise<Response> {
    const request = c.req.raw;
    const credentials = parseAuthorization(request.headers.get('authorization'));
    if (credentials === null) return unauthorized(realm);
    if (credentials.kind === 'bearer') return bySession(c, credentials.text, () => unauthorized(realm));
    const jid = jidOfUser(credentials.user, defaultHost);
    if (jid === null) return unauthorized(realm);
    return whenKnown(checker.check(jid, credentials.token, 'auth', request, c.env), (verdict) =>
      verdict.ok ? allowed(jid) : rejected(verdict, settings),
    );
  }

  async function bySession(
    c: Context,
    text: string,
    otherwise: (c: Context) => Response | Promise<Response>,
  ): Promise<Response> {
    const session = await sessions?.find(text);
    return session ? allowed(session.jid) : otherwise(c);
  }

  return (c: Context): Response | Promise<Response> => {
    const cookie = sessions && cookieOf(c.req.raw.headers.get('cookie'), sessions.settings.cookie);
    return cookie ? bySession(c, cookie, byAuthorization) : byAuthorization(c);
  };
}

function allowed(jid: string): Response {
  return new Response(null, { status: 200, headers: identityHeaders(accountOf(jid)) });
}
