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
 * `/auth`: forward authentication. Takes any method, and any path after `/auth`, because Envoy
 * appends the original path.
 *
 * A 200 always carries all identity headers, and no other answer of the gateway carries any. So a
 * proxy or an application can tell by `x-auth-jid` that this route let a request in. The headers
 * are empty for a preflight that the settings let through.
 *
 * A session in the cookie counts before `Authorization`. A browser repeats its Basic credentials
 * with every request, and their token is used up. A session in the cookie is renewed here, by a
 * `Set-Cookie` that the proxy passes on to the browser.
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
      // Without credentials there was no attempt.
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
