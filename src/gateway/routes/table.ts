import { z } from '@hono/zod-openapi';
import { IDENTITY_HEADERS } from '../http/identity.js';
import {
  answer,
  BAD_REQUEST,
  BODY_FAILURES,
  BUSY,
  body,
  type DescribedRoute,
  empty,
  header,
  INTERNAL,
  JSON_TYPE,
  text,
  UNAUTHORIZED,
  UNAVAILABLE,
  UNSUPPORTED_TYPE,
} from '../http/openapi.js';
import * as schemas from '../http/schemas.js';
import { AUTH_PATH } from '../http/target.js';
import type { RouteContext } from '../route-context.js';
import { authRoute } from './auth.js';
import { batchRoute } from './batch.js';
import { issueRoute } from './issue.js';
import { healthRoute, metricsRoute, readyRoute } from './operation.js';
import {
  checkPasswordRoute,
  notSupportedRoute,
  prosodyAsyncRoute,
  userExistsRoute,
} from './prosody.js';
import { beginSessionRoute, endSessionRoute, showSessionRoute } from './session.js';
import { verifyRoute } from './verify.js';

/**
 * Answers one request.
 *
 * @param env - What the runtime passes with the request.
 * @param name - The decoded text at the named part of the route's path. Empty if the path has no
 *   such part.
 */
export type Handler = (
  request: Request,
  env: unknown,
  name: string,
) => Response | Promise<Response>;

/** One route of the gateway. */
export interface Route extends DescribedRoute {
  /** Makes the function that answers. Returns undefined if the settings switch the route off. */
  readonly handler: (context: RouteContext) => Handler | undefined;
}

const LINES = z.string().openapi({ description: 'Lines of "jid TAB token"' });
const WORDS = z.string().openapi({ description: '"accepted" or "rejected" on each line' });
const BATCH_LINES = z.union([schemas.BatchLine, schemas.BatchStop]);
const YES_OR_NO = text('"true" or "false"', z.enum(['true', 'false']));
const NOT_SUPPORTED = answer('Unknown question, or one that would change users', schemas.Failure);
const QUESTION = z.object({ user: z.string(), server: z.string(), pass: z.string().optional() });
const QUERY = { query: QUESTION };
const FORM_TYPE = 'application/x-www-form-urlencoded';
const FORM = body(QUESTION, FORM_TYPE);
const HOST = { params: z.object({ host: z.string() }) };
const METHOD = { params: z.object({ method: z.string() }) };

const WAIT = {
  description: 'If present, the gateway is not ready before the wait after a start is over',
};

const BASIC = { basic: [] };
const BEARER = { bearer: [] };
const COOKIE = { cookie: [] };
const SET_COOKIE = header('The cookie of the session');
const LOGIN = empty(
  'To the login page, if there is one and a person opened a page',
  z.object({ Location: header('The login page, with the page to return to') }),
);
const IDENTITY = z.object(
  Object.fromEntries(
    IDENTITY_HEADERS.map((name) => [name, header('The account, percent-encoded')]),
  ),
);

const CHECK_SUMMARY = "Prosody's mod_auth_http, ejabberd's and MongooseIM's HTTP authentication";
const EXISTS_SUMMARY = 'Whether the name can be an account. There is no list of users';
const OTHER_SUMMARY = 'Any other question of these modules';

/** All routes. The application and `/openapi.json` are built from this table. */
export const ROUTES: readonly Route[] = [
  {
    // Any path after it matches too, see `routePath`.
    method: 'all',
    path: AUTH_PATH,
    handler: authRoute,
    description: {
      summary: 'Forward authentication for proxies. Any method, and any path after /auth',
      security: [BASIC, BEARER, COOKIE],
      responses: {
        200: empty(
          'Let the request in. No other answer has the identity headers',
          IDENTITY.extend({ 'Set-Cookie': SET_COOKIE.optional() }),
        ),
        303: LOGIN,
        401: UNAUTHORIZED,
        500: INTERNAL,
        503: UNAVAILABLE,
      },
    },
  },
  {
    method: 'post',
    path: '/v1/verify',
    handler: verifyRoute,
    description: {
      summary: 'Verify one token and use it up',
      request: body(schemas.VerifyRequest),
      responses: {
        200: answer('Accepted', schemas.Accepted),
        401: UNAUTHORIZED,
        503: UNAVAILABLE,
        ...BODY_FAILURES,
      },
    },
  },
  {
    method: 'post',
    path: '/v1/verify/batch',
    handler: batchRoute,
    description: {
      summary: 'Verify a stream of tokens, one verdict on each line',
      request: {
        body: {
          required: true,
          content: {
            'text/tab-separated-values': { schema: LINES },
            'application/x-ndjson': { schema: schemas.VerifyRequest },
          },
        },
      },
      responses: {
        200: {
          description: 'One verdict on each line, in the order of the lines',
          content: {
            'application/x-ndjson': { schema: BATCH_LINES },
            'text/plain': { schema: WORDS },
          },
        },
        400: BAD_REQUEST,
        415: UNSUPPORTED_TYPE,
        503: BUSY,
      },
    },
  },
  {
    method: 'post',
    path: '/v1/issue',
    handler: (context) => {
      const { issueSecret } = context.settings;
      return context.issuer && issueSecret !== undefined
        ? issueRoute(context, context.issuer, issueSecret)
        : undefined;
    },
    description: {
      summary: 'Issue a token. Off unless the gateway has an issue secret',
      security: [BEARER],
      request: body(schemas.IssueRequest),
      responses: {
        200: answer('Issued', schemas.Issued),
        401: UNAUTHORIZED,
        500: INTERNAL,
        ...BODY_FAILURES,
      },
    },
  },
  {
    method: 'post',
    path: '/v1/session',
    handler: (context) => context.sessions && beginSessionRoute(context, context.sessions),
    description: {
      summary: 'Exchange a token for a session. Takes a form only if there are allowed origins',
      request: {
        body: {
          required: true,
          content: {
            [JSON_TYPE]: { schema: schemas.SessionRequest },
            [FORM_TYPE]: { schema: schemas.SessionForm },
          },
        },
      },
      responses: {
        200: answer(
          'A session began',
          schemas.SessionBegun,
          undefined,
          z.object({ 'Set-Cookie': SET_COOKIE.optional() }),
        ),
        303: empty(
          'By a form: to the page that the person wanted, or back to the login page',
          z.object({
            Location: header('An address of an allowed origin, or the login page'),
            'Set-Cookie': SET_COOKIE.optional(),
          }),
        ),
        401: UNAUTHORIZED,
        403: answer('The form came from a page of another origin', schemas.Failure),
        503: UNAVAILABLE,
        ...BODY_FAILURES,
      },
    },
  },
  {
    method: 'get',
    path: '/v1/session',
    handler: (context) => context.sessions && showSessionRoute(context, context.sessions),
    description: {
      summary: 'Show whose session this is',
      security: [BEARER, COOKIE],
      responses: {
        200: answer('The account and the end of the session', schemas.SessionShown),
        401: UNAUTHORIZED,
        500: INTERNAL,
      },
    },
  },
  {
    method: 'delete',
    path: '/v1/session',
    handler: (context) => context.sessions && endSessionRoute(context, context.sessions),
    description: {
      summary: 'Log out',
      security: [BEARER, COOKIE],
      responses: {
        204: empty('There is no session now', z.object({ 'Set-Cookie': SET_COOKIE })),
        500: INTERNAL,
      },
    },
  },
  {
    method: 'get',
    path: '/prosody/async/:host',
    handler: prosodyAsyncRoute,
    description: {
      summary: "Prosody's mod_auth_http_async",
      security: [BASIC],
      request: HOST,
      responses: { 200: text('Yes', z.literal('true')), 401: UNAUTHORIZED, 503: UNAVAILABLE },
    },
  },
  {
    method: 'get',
    path: '/prosody/http/check_password',
    handler: checkPasswordRoute,
    description: {
      summary: CHECK_SUMMARY,
      request: QUERY,
      responses: { 200: YES_OR_NO, 400: BAD_REQUEST, 503: UNAVAILABLE },
    },
  },
  {
    method: 'post',
    path: '/prosody/http/check_password',
    handler: checkPasswordRoute,
    description: {
      summary: CHECK_SUMMARY,
      request: FORM,
      responses: { 200: YES_OR_NO, 503: UNAVAILABLE, ...BODY_FAILURES },
    },
  },
  {
    method: 'get',
    path: '/prosody/http/user_exists',
    handler: userExistsRoute,
    description: {
      summary: EXISTS_SUMMARY,
      request: QUERY,
      responses: { 200: YES_OR_NO, 400: BAD_REQUEST },
    },
  },
  {
    method: 'post',
    path: '/prosody/http/user_exists',
    handler: userExistsRoute,
    description: {
      summary: EXISTS_SUMMARY,
      request: FORM,
      responses: { 200: YES_OR_NO, ...BODY_FAILURES },
    },
  },
  {
    method: 'get',
    path: '/prosody/http/:method',
    handler: notSupportedRoute,
    description: { summary: OTHER_SUMMARY, request: METHOD, responses: { 501: NOT_SUPPORTED } },
  },
  {
    method: 'post',
    path: '/prosody/http/:method',
    handler: notSupportedRoute,
    description: { summary: OTHER_SUMMARY, request: METHOD, responses: { 501: NOT_SUPPORTED } },
  },
  {
    method: 'get',
    path: '/healthz',
    handler: () => healthRoute,
    description: {
      summary: 'The process answers',
      responses: { 200: text('Always, while the process runs') },
    },
  },
  {
    method: 'get',
    path: '/readyz',
    handler: readyRoute,
    description: {
      summary: 'Tokens can be accepted',
      request: { query: z.object({ wait: z.string().optional().openapi(WAIT) }) },
      responses: {
        200: answer('Tokens can be accepted', schemas.Ready),
        500: INTERNAL,
        503: answer('The reason why not', schemas.NotReady),
      },
    },
  },
  {
    method: 'get',
    path: '/metrics',
    handler: ({ metrics }) => metrics && metricsRoute(metrics),
    description: {
      summary: 'Metrics for Prometheus',
      responses: { 200: text("Metrics in Prometheus' text format"), 500: INTERNAL },
    },
  },
];
