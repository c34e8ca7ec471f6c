import { accountOf } from '../checker.js';
import { json, quietChallenge, unauthorized } from '../http/answers.js';
import { mediaType, readJson } from '../http/body.js';
import { cookiesOf, parseAuthorization } from '../http/credentials.js';
import { SessionRequest } from '../http/schemas.js';
import type { RouteContext } from '../route-context.js';
import type { Session, Sessions } from '../session/sessions.js';
import { type BeginSession, beginByForm, FORM_TYPE } from './session-form.js';
import { rejected } from './verify.js';

/** `POST /v1/session`: exchanges a token for a session, by JSON or by a form. */
export function beginSessionRoute(context: RouteContext, sessions: Sessions) {
  const { checker, settings, observer, login } = context;

  const begin: BeginSession = async (jid, token, transport, request, env) => {
    const { keyIds } = sessions;
    const verdict = await checker.check(jid, token, 'session', request, env);
    if (!verdict.ok) return verdict;
    const account = accountOf(jid);
    const key = sessions.keyAt(account.host, verdict.keyIndex, keyIds);
    const text = sessions.begin(account.jid, account.host, key);
    if (text === null) {
      checker.refuse('session', 'key-gone', { jid: account.jid, request, env });
      return null;
    }
    observer.event('session-began', { jid: account.jid, transport }, { request, env });
    return { jid: account.jid, text };
  };

  return async (request: Request, env: unknown): Promise<Response> => {
    // Without a list of origins every form is refused, so that no other site can send one.
    if (login.home !== undefined && mediaType(request) === FORM_TYPE)
      return beginByForm(context, sessions, begin, request, env);
    const body = await readJson(request, SessionRequest, settings.limits);
    if (body instanceof Response) {
      checker.refuse('session', 'unreadable-body', { request, env });
      return body;
    }
    const begun = await begin(body.jid, body.token, body.transport, request, env);
    if (begun === null) return unauthorized(settings.realm);
    if ('code' in begun) return rejected(begun, settings);
    const answer = { ok: true, jid: begun.jid, expiresIn: sessions.settings.seconds };
    if (body.transport === 'bearer')
      return json(200, JSON.stringify({ ...answer, session: begun.text }));
    return json(200, JSON.stringify(answer), { 'set-cookie': sessions.cookie(begun.text) });
  };
}

/** `DELETE /v1/session`: logs out. The answer is the same if there was no session. */
export function endSessionRoute({ observer }: RouteContext, sessions: Sessions) {
  return async (request: Request, env: unknown): Promise<Response> => {
    for (const session of await sessionsOf(request, sessions)) {
      await sessions.end(session);
      observer.event('session-ended', { jid: session.jid }, { request, env });
    }
    const headers = { 'set-cookie': sessions.cookie(undefined), 'cache-control': 'no-store' };
    return new Response(null, { status: 204, headers });
  };
}

/**
 * `GET /v1/session`: shows whose session this is, and until when. The script of a page asks this,
 * so the challenge must not make the browser ask for a password.
 */
export function showSessionRoute(
  { checker, settings: { realm } }: RouteContext,
  sessions: Sessions,
) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const [session] = await sessionsOf(request, sessions);
    if (session === undefined) {
      const hasSome = textsOf(request, sessions).length > 0;
      if (hasSome) checker.refuse('session', 'bad-session', { request, env });
      return unauthorized(realm, undefined, quietChallenge(realm));
    }
    return json(200, JSON.stringify({ ok: true, jid: session.jid, expires: session.expires }));
  };
}

/** The sessions of a request: those in its session cookies, and the one in its bearer. */
async function sessionsOf(request: Request, sessions: Sessions): Promise<Session[]> {
  const texts = textsOf(request, sessions);
  const found = await Promise.all(texts.map((text) => sessions.find(text)));
  return found.filter((session) => session !== null);
}

function textsOf({ headers }: Request, sessions: Sessions): readonly string[] {
  const bearer = parseAuthorization(headers.get('authorization'));
  const texts = cookiesOf(headers.get('cookie'), sessions.settings.cookie);
  return bearer?.kind === 'bearer' ? [...texts, bearer.text] : texts;
}
