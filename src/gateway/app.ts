import { type Context, Hono } from 'hono';
import { failure, json } from './http/answers.js';
import { openApiDocument } from './http/openapi.js';
import type { Parts } from './route-context.js';
import { authRoute } from './routes/auth.js';
import { batchRoute } from './routes/batch.js';
import { issueRoute } from './routes/issue.js';
import { healthRoute, metricsRoute, readyRoute } from './routes/operation.js';
import { prosodyAsyncRoute, prosodyHttpRoute } from './routes/prosody.js';
import { beginSessionRoute, endSessionRoute, showSessionRoute } from './routes/session.js';
import { verifyRoute } from './routes/verify.js';
import { DEFAULT_SESSIONS } from './session/sessions.js';

/** The gateway's routes. No middleware: each route reads what it needs, within its limits. */
export function createApp(parts: Parts, version: string): Hono {
  const { issuer, sessions, settings, metrics, observer } = parts;
  const app = new Hono();

  // Matches /auth itself too. Two routes for one path would be composed, which takes a promise.
  app.all('/auth/*', authRoute(parts));

  app.post('/v1/verify', verifyRoute(parts));
  app.post('/v1/verify/batch', batchRoute(parts));
  if (issuer && settings.issueSecret !== undefined) {
    app.post('/v1/issue', issueRoute(parts, issuer, settings.issueSecret));
  }
  if (sessions) {
    app.post('/v1/session', beginSessionRoute(parts, sessions));
    app.get('/v1/session', showSessionRoute(parts, sessions));
    app.delete('/v1/session', endSessionRoute(parts, sessions));
  }

  app.get('/prosody/async/:host', prosodyAsyncRoute(parts));
  app.on(['GET', 'POST'], '/prosody/http/:method', prosodyHttpRoute(parts));

  app.get('/healthz', healthRoute);
  app.get('/readyz', readyRoute(parts));
  if (metrics) app.get('/metrics', metricsRoute(metrics));
  let document: string | undefined;
  app.get('/openapi.json', () => {
    document ??= JSON.stringify(openApiDocument(version, (sessions?.settings ?? DEFAULT_SESSIONS).cookie));
    return json(200, document);
  });

  app.notFound(() => failure('not-found'));
  app.onError((error: Error, c: Context) => {
    // The path may hold anything; what stands first in it is one of ours, or not worth a word.
    observer.fault(c.req.method, error);
    return failure('internal');
  });
  return app;
}
