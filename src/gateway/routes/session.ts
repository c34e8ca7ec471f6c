import { accountOf } from '../checker.js';
import { json, unauthorized } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { cookiesOf, parseAuthorization } from '../http/credentials.js';
import { SessionRequest } from '../http/schemas.js';
import type { RouteContext } from '../route-context.js';
import type { Session, Sessions } from '../session/sessions.js';
import { rejected } from './verify.js';

/** `POST /v1/session`: a token for a session. */
export function beginSessionRoute(
  { checker, settings, observer }: RouteContext,
  sessions: Sessions,
) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const body = await readJson(request, SessionRequest, settings.limits);
    if (body instanceof Response) {
      checker.refuse('session', 'unreadable-body', { request, env });
      return body;
    }
    const { keyIds } = sessions;
    const verdict = await checker.check(body.jid, body.token, 'session', request, env);
    if (!verdict.ok) return rejected(verdict, settings);
    const { jid, host } = accountOf(body.jid);
    const text = sessions.begin(jid, host, sessions.keyAt(host, verdict.keyIndex, keyIds));
    if (text === null) {
      checker.refuse('session', 'key-gone', { jid, request, env });
      return unauthorized(settings.realm);
    }
    observer.event('session-began', { jid, transport: body.transport });
    const answer = { ok: true, jid, expiresIn: sessions.settings.seconds };
    if (body.transport === 'bearer') return json(200, JSON.stringify({ ...answer, session: text }));
    return json(200, JSON.stringify(answer), { 'set-cookie': sessions.cookie(text) });
  };
}

/** `DELETE /v1/session`: logout. The answer is the same if there was no session. */
export function endSessionRoute({ observer }: RouteContext, sessions: Sessions) {
  return async (request: Request): Promise<Response> => {
    for (const session of await sessionsOf(request, sessions)) {
      await sessions.end(session);
      observer.event('session-ended', { jid: session.jid });
    }
    const headers = { 'set-cookie': sessions.cookie(undefined), 'cache-control': 'no-store' };
    return new Response(null, { status: 204, headers });
  };
}

/** `GET /v1/session`: whose session this is, and until when. */
export function showSessionRoute({ checker, settings }: RouteContext, sessions: Sessions) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const [session] = await sessionsOf(request, sessions);
    if (session === undefined) {
      const hasSome = textsOf(request, sessions).length > 0;
      if (hasSome) checker.refuse('session', 'bad-session', { request, env });
      return unauthorized(settings.realm);
    }
    return json(200, JSON.stringify({ ok: true, jid: session.jid, expires: session.expires }));
  };
}

/** The sessions of a request: of all its cookies of the name, and of its bearer. */
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
