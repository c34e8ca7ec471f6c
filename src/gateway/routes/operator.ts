import { z } from '@hono/zod-openapi';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { failure, json, unauthorized } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { answer, BODY_FAILURES, body, INTERNAL, UNAUTHORIZED } from '../http/openapi.js';
import { Failure, IssueRequest } from '../http/schemas.js';
import type { RouteContext } from '../route-context.js';
import type { Sessions } from '../session/sessions.js';
import { whyNotOperator } from './issue.js';
import { type Handler, ROUTES, type Route } from './table.js';

const Revoked = z.object({
  jid: z.string(),
  upTo: z
    .int()
    .openapi({ description: 'Sessions that began up to this time have ended: Unix seconds' }),
  until: z
    .int()
    .openapi({ description: 'When the last of these sessions would have ended by itself' }),
});

const Ended = z.object({
  seconds: z.int().openapi({ description: 'How long a session lasts' }),
  ended: z.int().openapi({ description: 'How many remembered sessions were logged out' }),
  revoked: z.array(Revoked),
  allUpTo: z.int().nullable().openapi({
    description:
      'All sessions that began up to this time have ended, because there was no more room',
  }),
});

const NOT_SUPPORTED = answer('The store of ended sessions cannot do that', Failure);
const SECURITY = [{ bearer: [] }];

/** Passes a request on if it has the operator's secret. Otherwise counts, logs and refuses it. */
function forOperators(
  { checker, settings }: RouteContext,
  secret: string,
  handle: Handler,
): Handler {
  return async (request, env, name) => {
    const why = await whyNotOperator(request, secret);
    if (why === undefined) return handle(request, env, name);
    checker.refuse('operator', why, { request, env });
    return unauthorized(settings.realm);
  };
}

/**
 * `GET /sessions`: lists sessions that ended before their time. There is no list of current
 * sessions.
 */
function listRoute(sessions: Sessions): Handler {
  return async () => {
    const list = await sessions.listEnded();
    if (list === undefined) return failure('not-supported');
    return json(200, JSON.stringify({ seconds: sessions.settings.seconds, ...list }));
  };
}

/** `POST /sessions/revoke`: ends all sessions that an account has begun so far. */
function revokeRoute({ settings, observer }: RouteContext, sessions: Sessions): Handler {
  return async (request, env) => {
    const body = await readJson(request, IssueRequest, settings.limits);
    if (body instanceof Response) return body;
    const jid = prepareJid(body.jid);
    if (jid === null) return failure('bad-request', 'jid: not a bare JID');
    const revoked = await sessions.revoke(jid);
    if (revoked === undefined) return failure('not-supported');
    observer.event('sessions-revoked', { jid }, { request, env });
    return json(200, JSON.stringify(revoked));
  };
}

/** A route for operators. It does not exist without sessions or without an issue secret. */
const operatorRoute =
  (make: (context: RouteContext, sessions: Sessions) => Handler): Route['handler'] =>
  (context) => {
    const { sessions, settings } = context;
    return sessions !== undefined && settings.issueSecret !== undefined
      ? forOperators(context, settings.issueSecret, make(context, sessions))
      : undefined;
  };

/** Routes that both the listener for operators and the public one have. */
const SHARED = ['/healthz', '/readyz', '/metrics'];

/** All routes of a listener for operators. */
export const OPERATOR_ROUTES: readonly Route[] = [
  ...ROUTES.filter(({ path }) => SHARED.includes(path)),
  {
    method: 'get',
    path: '/sessions',
    handler: operatorRoute((_, sessions) => listRoute(sessions)),
    description: {
      summary: 'Sessions that have ended before their time',
      security: SECURITY,
      responses: {
        200: answer('The ended sessions that are remembered', Ended),
        401: UNAUTHORIZED,
        500: INTERNAL,
        501: NOT_SUPPORTED,
      },
    },
  },
  {
    method: 'post',
    path: '/sessions/revoke',
    handler: operatorRoute(revokeRoute),
    description: {
      summary: 'End all sessions that an account has begun so far',
      security: SECURITY,
      request: body(IssueRequest),
      responses: {
        200: answer('The sessions have ended', Revoked),
        401: UNAUTHORIZED,
        501: NOT_SUPPORTED,
        ...BODY_FAILURES,
      },
    },
  },
];

/** The public routes of a gateway whose operators have a listener of their own. */
export const PUBLIC_ROUTES: readonly Route[] = ROUTES.filter(({ path }) => path !== '/metrics');
