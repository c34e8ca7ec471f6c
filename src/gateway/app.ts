import { z } from '@hono/zod-openapi';
import { tryDecodeURIComponent } from 'hono/utils/url';
import { whenKnown } from './checker.js';
import type { Observer } from './contract.js';
import { failure, json } from './http/answers.js';
import { answer, openApiDocument } from './http/openapi.js';
import { routePath } from './http/target.js';
import type { RouteContext } from './route-context.js';
import { authRoute } from './routes/auth.js';
import { type Handler, ROUTES, type Route } from './routes/table.js';
import { DEFAULT_SESSIONS } from './session/sessions.js';

/** Answers a request. */
export type App = (request: Request, env: unknown) => Response | Promise<Response>;

/**
 * The methods that a route may have, in the order in which `Allow` lists them. HEAD goes with GET.
 */
const METHODS = ['GET', 'POST', 'DELETE'] as const;

/**
 * Builds an application from the routes of `routes/table.ts` or `routes/operator.ts` that the
 * settings switch on. There is no middleware: each route reads its own input, within its limits.
 *
 * Nearly all routes have a fixed path, so paths are looked up in a map.
 */
export function createApp(
  context: RouteContext,
  version: string,
  routes: readonly Route[] = ROUTES,
): App {
  const present: Route[] = [];
  const byPath = new Map<string, Map<string, Handler>>();
  for (const route of [...routes, documentRoute(present, version)]) {
    const handler = route.handler(context);
    if (handler === undefined) continue;
    present.push(route);
    const methods = byPath.get(route.path) ?? new Map<string, Handler>();
    byPath.set(route.path, methods.set(route.method.toUpperCase(), handler));
  }
  // `/prosody/async/:host` is a pattern, not a path.
  const prefixes: { prefix: string; methods: ReadonlyMap<string, Handler> }[] = [];
  for (const [path, methods] of byPath) {
    if (!path.includes(':')) continue;
    prefixes.push({ prefix: path.slice(0, path.indexOf(':')), methods });
    byPath.delete(path);
  }

  function find(path: string, method: string): { handler?: Handler; name: string } {
    const exact = byPath.get(path);
    const handler = exact?.get(method) ?? exact?.get('ALL');
    if (handler !== undefined) return { handler, name: '' };
    for (const { prefix, methods } of prefixes) {
      if (!path.startsWith(prefix)) continue;
      const name = path.slice(prefix.length);
      const named = methods.get(method);
      if (named !== undefined && name !== '' && !name.includes('/'))
        return { handler: named, name: tryDecodeURIComponent(name) };
    }
    return { name: '' };
  }

  return answering(context.observer, (request, env, method) => {
    const path = routePath(request, env);
    const { handler, name } = find(path, method);
    if (handler !== undefined) return handler(request, env, name);
    const methods = METHODS.filter((each) => find(path, each).handler !== undefined);
    return methods.length === 0 ? failure('not-found') : wrongMethod(methods);
  });
}

/**
 * Builds an application that answers forward authentication at every path, and has no other route.
 */
export function createAuthApp(context: RouteContext): App {
  const handler = authRoute(context);
  return answering(context.observer, (request, env) => handler(request, env));
}

/**
 * Builds an application that answers HEAD like GET without the body (RFC 9110 §9.3.2), and answers
 * 500 if its handler fails.
 */
function answering(
  observer: Observer,
  handle: (request: Request, env: unknown, method: string) => Response | Promise<Response>,
): App {
  const failed = (method: string, error: unknown): Response => {
    // Names the method only, because a path may hold a secret.
    observer.fault(method, error);
    return failure('internal');
  };
  return (request, env) => {
    const { method } = request;
    try {
      const answered =
        method === 'HEAD'
          ? whenKnown(handle(request, env, 'GET'), withoutBody)
          : handle(request, env, method);
      return answered instanceof Promise
        ? answered.catch((error: unknown) => failed(method, error))
        : answered;
    } catch (error) {
      return failed(method, error);
    }
  };
}

const withoutBody = (full: Response) => new Response(null, full);

/**
 * `/openapi.json`, which describes the routes that are switched on.
 *
 * @param present - The routes. Read when the document is first requested.
 */
function documentRoute(present: readonly Route[], version: string): Route {
  return {
    method: 'get',
    path: '/openapi.json',
    handler: ({ sessions }) => {
      const { cookie } = sessions?.settings ?? DEFAULT_SESSIONS;
      let text: string | undefined;
      return () => {
        text ??= JSON.stringify(openApiDocument(present, version, cookie));
        return json(200, text);
      };
    },
    description: {
      summary: 'This document',
      responses: { 200: answer('OpenAPI 3.1', z.object({ openapi: z.string() }).loose()) },
    },
  };
}

/** RFC 9110 §15.5.6. */
function wrongMethod(methods: readonly (typeof METHODS)[number][]): Response {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return failure('method-not-allowed', undefined, { allow: allow.join(', ') });
}
