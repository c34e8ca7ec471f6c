import { failure, json } from '../http/answers.js';
import type { RouteContext, StartupWait } from '../route-context.js';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };

/** `GET /healthz`: shows that the process answers. */
export const healthRoute = (): Response => new Response('ok\n', { headers: TEXT });

/** A wait as `/readyz` and the log show it, with RFC 3339 times. */
export const shownWait = ({ fromMs, untilMs }: StartupWait) => ({
  from: new Date(fromMs).toISOString(),
  until: new Date(untilMs).toISOString(),
  why: 'the guard cannot know whether tokens from before its start were accepted',
});

/**
 * `GET /readyz`: whether tokens can be accepted now. `startupWait` shows the wait after a start.
 * With `?wait` the gateway is not ready before that wait is over.
 */
export function readyRoute({ verifier, state, startupWait }: RouteContext) {
  return async (request: Request): Promise<Response> => {
    if (state.isDraining) return failure('not-ready', 'stopping');
    if (verifier.hosts.length === 0) return failure('not-ready', 'no host has keys');
    const { capacity, generations } = verifier.replay ?? { capacity: 1, generations: [] };
    if (generations.some(({ entries }) => entries >= capacity)) {
      return failure('not-ready', 'the replay guard is full');
    }
    if ((await verifier.isGuardAnswering?.()) === false) {
      return failure('not-ready', 'the replay guard does not answer');
    }
    const wait = await startupWait?.();
    if (wait === undefined) return json(200, '{"ready":true}');
    const shown = shownWait(wait);
    if (!isWanted(request, 'wait')) {
      return json(200, JSON.stringify({ ready: true, startupWait: shown }));
    }
    const seconds = Math.ceil((wait.untilMs - wait.nowMs) / 1000);
    const detail = 'tokens from before the start are refused';
    return json(503, JSON.stringify({ error: 'not-ready', detail, startupWait: shown }), {
      'retry-after': `${Math.max(1, seconds)}`,
    });
  };
}

/** Whether the query of a request has a field. */
function isWanted({ url }: Request, field: string): boolean {
  const query = url.indexOf('?');
  return query >= 0 && new URLSearchParams(url.slice(query + 1)).has(field);
}

/** `GET /metrics` in Prometheus' text format. */
export function metricsRoute(metrics: NonNullable<RouteContext['metrics']>) {
  return async (): Promise<Response> => {
    const { contentType, text } = await metrics();
    return new Response(text, {
      headers: { 'content-type': contentType, 'cache-control': 'no-store' },
    });
  };
}
