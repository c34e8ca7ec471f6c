import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import * as schemas from './schemas.js';
import { AUTH_PATH } from './target.js';

type Responses = RouteConfig['responses'];

const body = (schema: z.ZodType, type = 'application/json') => ({
  required: true,
  content: { [type]: { schema } },
});
const answer = (description: string, schema: z.ZodType, type = 'application/json') => ({
  description,
  content: { [type]: { schema } },
});

const UNAUTHORIZED = answer('Not good; the same whatever is wrong', schemas.Unauthorized);
const UNAVAILABLE = {
  ...answer('No guard can say now whether the token is unused', schemas.Unavailable),
  headers: z.object({ 'Retry-After': z.string().openapi({ description: 'Seconds' }) }),
};
/** Of every route but /auth, which takes any method. */
const WRONG_METHOD = {
  ...answer('Another method', schemas.Failure),
  headers: z.object({ Allow: z.string().openapi({ description: 'The methods that the route has' }) }),
};
const FAILURES: Responses = {
  400: answer('Not in the form asked for', schemas.Failure),
  408: answer('The body came too slowly', schemas.Failure),
  413: answer('Too large', schemas.Failure),
  415: answer('Of another type', schemas.Failure),
};
const LINES = z.string().openapi({ description: 'Lines of "jid TAB token"' });
const HOST = z.object({ host: z.string() });
const QUESTION = z.object({ user: z.string(), server: z.string(), pass: z.string().optional() });
const BEARER = [{ bearer: [] }];

const ROUTES: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/v1/verify',
    summary: 'Verify one token and use it up',
    request: { body: body(schemas.VerifyRequest) },
    responses: {
      200: answer('Accepted', schemas.Accepted),
      401: UNAUTHORIZED,
      503: UNAVAILABLE,
      ...FAILURES,
    },
  },
  {
    method: 'post',
    path: '/v1/verify/batch',
    summary: 'Verify a stream of tokens, a verdict a line',
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
        description: 'A verdict a line, in the order of the lines',
        content: {
          'application/x-ndjson': { schema: schemas.BatchLine },
          'text/plain': { schema: z.string().openapi({ description: '"accepted" or "rejected" a line' }) },
        },
      },
      400: FAILURES[400]!,
      415: FAILURES[415]!,
      503: answer('Too many batches at once', schemas.Failure),
    },
  },
  {
    method: 'post',
    path: '/v1/issue',
    summary: 'Issue a token; off unless the gateway has an issue secret',
    security: BEARER,
    request: { body: body(schemas.IssueRequest) },
    responses: { 200: answer('Issued', schemas.Issued), 401: UNAUTHORIZED, ...FAILURES },
  },
  {
    method: 'post',
    path: '/v1/session',
    summary: 'Exchange a token for a session',
    request: { body: body(schemas.SessionRequest) },
    responses: {
      200: answer('A session began', schemas.SessionBegun),
      401: UNAUTHORIZED,
      503: UNAVAILABLE,
      ...FAILURES,
    },
  },
  {
    method: 'get',
    path: '/v1/session',
    summary: 'Whose session this is',
    security: [...BEARER, { cookie: [] }],
    responses: { 200: { description: 'The account and the end' }, 401: UNAUTHORIZED },
  },
  {
    method: 'delete',
    path: '/v1/session',
    summary: 'Log out',
    security: [...BEARER, { cookie: [] }],
    responses: { 204: { description: 'There is no session now' } },
  },
  {
    method: 'get',
    path: '/auth',
    summary: 'Forward authentication for proxies; any method, and any path behind it',
    security: [{ basic: [] }, ...BEARER, { cookie: [] }],
    responses: {
      200: {
        description: 'Let it in; the identity is in x-auth-* and remote-user, which no other answer has',
      },
      401: UNAUTHORIZED,
      503: UNAVAILABLE,
    },
  },
  {
    method: 'get',
    path: '/prosody/async/{host}',
    summary: "Prosody's mod_auth_http_async",
    security: [{ basic: [] }],
    request: { params: HOST },
    responses: { 200: { description: 'Yes' }, 401: UNAUTHORIZED, 503: UNAVAILABLE },
  },
  {
    method: 'get',
    path: '/prosody/http/check_password',
    summary: "Prosody's mod_auth_http, ejabberd's and MongooseIM's HTTP authentication",
    request: { query: QUESTION },
    responses: {
      200: answer('"true" or "false"', z.enum(['true', 'false']), 'text/plain'),
      400: answer('A field stands twice', schemas.Failure),
      503: UNAVAILABLE,
    },
  },
  {
    method: 'get',
    path: '/prosody/http/user_exists',
    summary: 'Whether the name can be an account: there is no list of users',
    request: { query: QUESTION },
    responses: { 200: answer('"true" or "false"', z.enum(['true', 'false']), 'text/plain') },
  },
  { method: 'get', path: '/healthz', summary: 'It runs', responses: { 200: { description: 'It does' } } },
  {
    method: 'get',
    path: '/readyz',
    summary: 'Tokens can be accepted',
    responses: { 200: { description: 'They can' }, 503: answer('Why not', schemas.Failure) },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    responses: { 200: { description: 'Text' } },
  },
];

/** The document of `/openapi.json`, OpenAPI 3.1. Its schemas are those that validate. */
export function openApiDocument(version: string, cookie: string): object {
  const described = new OpenAPIHono();
  const { openAPIRegistry: registry } = described;
  for (const route of ROUTES) {
    const wrongMethod = route.path === AUTH_PATH ? {} : { 405: WRONG_METHOD };
    registry.registerPath({ ...route, responses: { ...route.responses, ...wrongMethod } });
  }
  registry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'cookie', { type: 'apiKey', in: 'cookie', name: cookie });
  return described.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'totp-token gateway', version, license: { name: 'MIT' } },
  });
}
