import { failure } from '../http/answers.js';
import type { RouteContext } from '../route-context.js';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };

/** `GET /healthz`: the process answers. */
export const healthRoute = (): Response => new Response('ok\n', { headers: TEXT });

/** `GET /readyz`: whether tokens can be accepted now. */
export function readyRoute({ verifier, state }: RouteContext) {
  return async (): Promise<Response> => {
    if (state.isDraining) return failure('not-ready', 'stopping');
    if (verifier.hosts.length === 0) return failure('not-ready', 'no host has keys');
    const { capacity, generations } = verifier.replay ?? { capacity: 1, generations: [] };
    if (generations.some(({ entries }) => entries >= capacity)) {
      return failure('not-ready', 'the replay guard is full');
    }
    if ((await verifier.isGuardAnswering?.()) === false) {
      return failure('not-ready', 'the replay guard does not answer');
    }
    return new Response('ready\n', { headers: TEXT });
  };
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
