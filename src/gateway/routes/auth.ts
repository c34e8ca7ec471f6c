import { accountOf, whenKnown } from '../checker.js';
import { unauthorized } from '../http/answers.js';
import { cookiesOf, jidOfUser, parseAuthorization } from '../http/credentials.js';
import { identityHeaders } from '../http/identity.js';
import { type Refusal, whyNoCredentials } from '../refusal.js';
import type { RouteContext } from '../route-context.js';
import { rejected } from './verify.js';

/**
 * `/auth`, by any method and with any path behind it (Envoy appends the original one): forward
 * authentication.
 *
 * 200 always carries all identity headers, and no other answer of the gateway carries one. So a
 * proxy or an application can tell by `x-auth-jid` that this route let somebody in.
 *
 * A session in the cookie counts before `Authorization`: a browser sends the Basic credentials that
 * it once asked for with every request, and their token is used up.
 */
export function authRoute(context: RouteContext) {
  const { checker, sessions, settings } = context;
  const { realm, defaultHost } = settings;

  function refuse(request: Request, env: unknown, why: Refusal): Response {
    checker.refuse('auth', why, { request, env });
    return unauthorized(realm);
  }

  function byAuthorization(request: Request, env: unknown): Response | Promise<Response> {
    const header = request.headers.get('authorization');
    const credentials = parseAuthorization(header);
    if (credentials === null) {
      // Without any credentials it was no attempt.
      return header ? refuse(request, env, whyNoCredentials(header)) : unauthorized(realm);
    }
    if (credentials.kind === 'bearer')
      return bySession(request, env, [credentials.text], noSession);
    const jid = jidOfUser(credentials.user, defaultHost);
    if (jid === null) return refuse(request, env, 'no-host');
    return whenKnown(checker.check(jid, credentials.token, 'auth', request, env), (verdict) =>
      verdict.ok ? allowed(jid) : rejected(verdict, settings),
    );
  }

  function bySession(
    request: Request,
    env: unknown,
    texts: readonly string[],
    otherwise: typeof byAuthorization,
  ): Response | Promise<Response> {
    return whenKnown(sessions?.findFirst(texts) ?? null, (session) =>
      session ? allowed(session.jid) : otherwise(request, env),
    );
  }

  const noSession = (request: Request, env: unknown) => refuse(request, env, 'bad-session');
  /** After a cookie whose session is not good. */
  const otherwise: typeof byAuthorization = (request, env) =>
    request.headers.has('authorization') ? byAuthorization(request, env) : noSession(request, env);

  return (request: Request, env: unknown): Response | Promise<Response> => {
    const texts = sessions
      ? cookiesOf(request.headers.get('cookie'), sessions.settings.cookie)
      : [];
    return texts.length > 0
      ? bySession(request, env, texts, otherwise)
      : byAuthorization(request, env);
  };
}

function allowed(jid: string): Response {
  return new Response(null, { status: 200, headers: identityHeaders(accountOf(jid)) });
}
