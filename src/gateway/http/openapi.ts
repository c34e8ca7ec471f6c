import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { Failure, Unauthorized, Unavailable } from './schemas.js';
import { AUTH_PATH } from './target.js';

/** The description of a route in `/openapi.json`, without its method and path. */
export type Description = Pick<RouteConfig, 'summary' | 'security' | 'request' | 'responses'>;

/** A route with its description. */
export interface DescribedRoute {
  /** `all` is any method. The document shows `get` then, because OpenAPI has no word for it. */
  readonly method: 'get' | 'post' | 'delete' | 'all';
  /** The path in Hono's notation: `/a/:name`. */
  readonly path: string;
  readonly description: Description;
}

type Responses = RouteConfig['responses'];
type Headers = z.ZodObject;

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain';

/** A body that a request must have. */
export const body = (schema: z.ZodType, type = JSON_TYPE) => ({
  body: { required: true, content: { [type]: { schema } } },
});

/** An answer with a body. */
export const answer = (
  description: string,
  schema: z.ZodType,
  type = JSON_TYPE,
  headers?: Headers,
) => ({
  description,
  content: { [type]: { schema } },
  ...(headers && { headers }),
});

/** An answer of text. */
export const text = (description: string, schema: z.ZodType = z.string()) =>
  answer(description, schema, TEXT_TYPE);

/** An answer without a body. */
export const empty = (description: string, headers?: Headers) => ({
  description,
  ...(headers && { headers }),
});

/** A header that the answer always has. */
export const header = (description: string) => z.string().openapi({ description });

const RETRY_AFTER = z.object({ 'Retry-After': header('Seconds') });

export const UNAUTHORIZED = answer(
  'Not valid. The answer is the same for every reason',
  Unauthorized,
  JSON_TYPE,
  z.object({
    'WWW-Authenticate': header('Basic and Bearer, or Bearer alone for the script of a page'),
    Location: header('For nginx: the login page, if a person opened a page').optional(),
  }),
);
export const UNAVAILABLE = answer(
  'The guard cannot say now whether the token is unused',
  Unavailable,
  JSON_TYPE,
  RETRY_AFTER,
);
export const BUSY = answer('Too many batches at once', Failure, JSON_TYPE, RETRY_AFTER);
/** A store failed, or another hook of the program that runs the gateway. */
export const INTERNAL = answer('A fault of the gateway, or of a store that it depends on', Failure);
export const BAD_REQUEST = answer('Malformed request', Failure);
export const UNSUPPORTED_TYPE = answer('Unsupported media type', Failure);
/** The refusals of a route that reads a small body. */
export const BODY_FAILURES = {
  400: BAD_REQUEST,
  408: answer('The body came too slowly', Failure),
  413: answer('Too large', Failure),
  415: UNSUPPORTED_TYPE,
} satisfies Responses;

/** For every path except /auth, which takes any method. */
const WRONG_METHOD = answer(
  'Method not allowed',
  Failure,
  JSON_TYPE,
  z.object({ Allow: header('The methods that the route has') }),
);

/**
 * The document of `/openapi.json`, OpenAPI 3.1. Its schemas are those that validate the input.
 *
 * @param cookie - The name of the session cookie.
 */
export function openApiDocument(
  routes: readonly DescribedRoute[],
  version: string,
  cookie: string,
): object {
  const described = new OpenAPIHono();
  const { openAPIRegistry: registry } = described;
  for (const { method, path, description } of routes) {
    const wrongMethod = path === AUTH_PATH ? {} : { 405: WRONG_METHOD };
    registry.registerPath({
      ...description,
      method: method === 'all' ? 'get' : method,
      path: path.replace(/:(\w+)/g, '{$1}'),
      responses: { ...description.responses, ...wrongMethod },
    });
  }
  registry.registerComponent('securitySchemes', 'basic', { type: 'http', scheme: 'basic' });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: cookie,
  });
  return described.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'totp-token gateway', version, license: { name: 'MIT' } },
  });
}
