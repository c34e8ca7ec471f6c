import { z } from '@hono/zod-openapi';
import { type Context, Hono } from 'hono';
import { failure, json } from './http/answers.js';
import { answer, openApiDocument } from './http/openapi.js';
import { AUTH_PATH, routePath } from './http/target.js';
import type { RouteContext } from './route-context.js';
import { authRoute } from './routes/auth.js';
import { ROUTES, type Route } from './routes/table.js';
import { DEFAULT_SESSIONS } from './session/sessions.js';

/** The methods that a route may have; HEAD goes with GET. */
const METHODS = ['GET', 'POST', 'DELETE'] as const;

/**
 * The gateway's routes, those of `routes/table.ts` that its settings switch on. No middleware: each
 * route reads what it needs, within its limits.
 */
export function createApp(context: RouteContext, version: string): Hono {
  const app = emptyApp(context, routePath);
  const present: Route[] = [];
  for (const route of [...ROUTES, documentRoute(present, version)]) {
    const handler = route.handler(context);
    if (handler === undefined) continue;
    present.push(route);
    app.on(route.method.toUpperCase(), route.path, handler);
  }
  app.notFound((c) => {
    const methods = METHODS.filter((method) => app.router.match(method, c.req.path)[0].length > 0);
    return methods.length === 0 ? failure('not-found') : wrongMethod(methods);
  });
  return app;
}

/**
 * `/openapi.json`: describes the routes that are there. @param present - Read when the document is
 * first asked for.
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

/** Forward authentication at every path, and no other route. */
export function createAuthApp(context: RouteContext): Hono {
  const app = emptyApp(context, () => AUTH_PATH);
  app.all(AUTH_PATH, authRoute(context));
  return app;
}

/** An application without routes. @param pathOf - The path by which one is chosen. */
function emptyApp(
  { observer }: RouteContext,
  pathOf: (request: Request, env: unknown) => string,
): Hono {
  const app = new Hono({ getPath: (request, options) => pathOf(request, options?.env) });
  app.onError((error: Error, c: Context) => {
    // The method alone: a path may hold anything.
    observer.fault(c.req.method, error);
    return failure('internal');
  });
  return app;
}

/** RFC 9110 §15.5.6. */
function wrongMethod(methods: readonly (typeof METHODS)[number][]): Response {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return failure('method-not-allowed', undefined, { allow: allow.join(', ') });
}
