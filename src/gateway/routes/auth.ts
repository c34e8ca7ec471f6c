import { isOutage } from '../../token/verdict.js';
import { accountOf, whenKnown } from '../checker.js';
import { isPreflight } from '../http/browser.js';
import { cookiesOf, jidOfUser, parseAuthorization } from '../http/credentials.js';
import { identityHeaders, NO_IDENTITY } from '../http/identity.js';
import { refused } from '../http/refused.js';
import { type Refusal, whyNoCredentials } from '../refusal.js';
import type { RouteContext } from '../route-context.js';
import { rejected } from './verify.js';

/**
 * `/auth`, by any method and with any path behind it (Envoy appends the original one): forward
 * authentication.
 *
 * 200 always carries all identity headers, and no other answer of the gateway carries one. So a
 * proxy or an application can tell by `x-auth-jid` that this route let somebody in. They are empty
 * for a preflight, where the settings let one through.
 *
 * A session in the cookie counts before `Authorization`: a browser sends the Basic credentials that
 * it once asked for with every request, and their token is used up. A session in the cookie is
 * renewed here, by a `Set-Cookie` that the proxy passes on to the browser.
 */
export function authRoute(context: RouteContext) {
  const { checker, sessions, settings, login } = context;
  const { realm, reasons, defaultHost, preflight } = settings;

  const no = (request: Request, env: unknown, reason?: string): Response =>
    refused(request, env, login, realm, reason);

  function refuse(request: Request, env: unknown, why: Refusal): Response {
    checker.refuse('auth', why, { request, env });
    return no(request, env);
  }

  function byAuthorization(
    request: Request,
    env: unknown,
    hadCookie: boolean,
  ): Response | Promise<Response> {
    const header = request.headers.get('authorization');
    const credentials = parseAuthorization(header);
    if (credentials === null) {
      if (header) return refuse(request, env, whyNoCredentials(header));
      if (preflight && isPreflight(request, env)) return answer(NO_IDENTITY);
      // Without any credentials it was no attempt.
      return hadCookie ? refuse(request, env, 'bad-session') : no(request, env);
    }
    if (credentials.kind === 'bearer') {
      return whenKnown(sessions?.find(credentials.text) ?? null, (session) =>
        session === null ? refuse(request, env, 'bad-session') : answer(identityOf(session.jid)),
      );
    }
    const jid = jidOfUser(credentials.user, defaultHost);
    if (jid === null) return refuse(request, env, 'no-host');
    return whenKnown(checker.check(jid, credentials.token, 'auth', request, env), (verdict) => {
      if (verdict.ok) return answer(identityOf(jid));
      if (isOutage(verdict.code)) return rejected(verdict, settings);
      return no(request, env, reasons ? verdict.code : undefined);
    });
  }

  return (request: Request, env: unknown): Response | Promise<Response> => {
    if (sessions === undefined) return byAuthorization(request, env, false);
    const texts = cookiesOf(request.headers.get('cookie'), sessions.settings.cookie);
    if (texts.length === 0) return byAuthorization(request, env, false);
    return whenKnown(sessions.findFirst(texts), (session) => {
      if (session === null) return byAuthorization(request, env, true);
      const headers = identityOf(session.jid);
      const renewal = sessions.renewal(session);
      if (renewal !== undefined) headers['set-cookie'] = renewal;
      return answer(headers);
    });
  };
}

const identityOf = (jid: string): Record<string, string> => identityHeaders(accountOf(jid));

const answer = (headers: Readonly<Record<string, string>>): Response =>
  new Response(null, { status: 200, headers });
