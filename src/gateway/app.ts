import { type Context, Hono } from 'hono';
import { failure, json } from './http/answers.js';
import { openApiDocument } from './http/openapi.js';
import { AUTH_PATH, routePath } from './http/target.js';
import type { RouteContext } from './route-context.js';
import { authRoute } from './routes/auth.js';
import { batchRoute } from './routes/batch.js';
import { issueRoute } from './routes/issue.js';
import { healthRoute, metricsRoute, readyRoute } from './routes/operation.js';
import { prosodyAsyncRoute, prosodyHttpRoute } from './routes/prosody.js';
import { beginSessionRoute, endSessionRoute, showSessionRoute } from './routes/session.js';
import { verifyRoute } from './routes/verify.js';
import { DEFAULT_SESSIONS } from './session/sessions.js';

/** The methods that a route may have; HEAD goes with GET. */
const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** The gateway's routes. No middleware: each route reads what it needs, within its limits. */
export function createApp(context: RouteContext, version: string): Hono {
  const { issuer, sessions, settings, metrics } = context;
  const app = emptyApp(context, routePath);

  // Any path behind it too. Two routes for one path would be composed, which takes a promise.
  app.all(AUTH_PATH, authRoute(context));

  app.post('/v1/verify', verifyRoute(context));
  app.post('/v1/verify/batch', batchRoute(context));
  if (issuer && settings.issueSecret !== undefined) {
    app.post('/v1/issue', issueRoute(context, issuer, settings.issueSecret));
  }
  if (sessions) {
    app.post('/v1/session', beginSessionRoute(context, sessions));
    app.get('/v1/session', showSessionRoute(context, sessions));
    app.delete('/v1/session', endSessionRoute(context, sessions));
  }

  app.get('/prosody/async/:host', prosodyAsyncRoute(context));
  app.on(['GET', 'POST'], '/prosody/http/:method', prosodyHttpRoute(context));

  app.get('/healthz', healthRoute);
  app.get('/readyz', readyRoute(context));
  if (metrics) app.get('/metrics', metricsRoute(metrics));
  let document: string | undefined;
  app.get('/openapi.json', () => {
    document ??= JSON.stringify(openApiDocument(version, (sessions?.settings ?? DEFAULT_SESSIONS).cookie));
    return json(200, document);
  });

  app.notFound((c) => {
    const methods = METHODS.filter((method) => app.router.match(method, c.req.path)[0].length > 0);
    return methods.length === 0 ? failure('not-found') : wrongMethod(methods);
  });
  return app;
}

/** Forward authentication at every path, and no other route. */
export function createAuthApp(context: RouteContext): Hono {
  const app = emptyApp(context, () => AUTH_PATH);
  app.all(AUTH_PATH, authRoute(context));
  return app;
}

/** An application without routes. @param pathOf - The path by which one is chosen. */
function emptyApp({ observer }: RouteContext, pathOf: (request: Request, env: unknown) => string): Hono {
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
