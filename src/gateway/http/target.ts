/**
 * The route of forward authentication. Some proxies put it as a prefix before the client's path.
 */
export const AUTH_PATH = '/auth';

/**
 * Returns the path by which a route is chosen.
 *
 * A proxy with a prefix route (Envoy's `path_prefix: /auth`) appends the path that the client
 * wrote. Parsing the URL changes that path: `/auth/../healthz` becomes `/healthz`, which is
 * answered 200 without credentials. So the request target is used as it came (RFC 9112 §3.2).
 * Nothing in it is decoded or resolved:
 *
 * - A target that begins with `/auth` is always forward authentication, no matter what follows.
 * - Every other route has one spelling. A target with dot segments, doubled slashes, backslashes,
 *   `;`, `#` or escapes does not match any route.
 * - In the absolute form (`http://HOST/PATH`), scheme and authority are skipped. A missing path
 *   counts as `/`, which is not a route.
 *
 * On Node the target is `env.incoming.url`. Other runtimes have only the parsed URL. On those,
 * serve proxies with `Gateway.authenticate`, which has no other route.
 *
 * @param env - What the runtime's adapter passes with the request.
 */
export function routePath(request: Request, env: unknown): string {
  const target = rawTarget(env) ?? request.url;
  const start = target.startsWith('/') ? 0 : pathStart(target);
  if (start < 0) return '/';
  const query = target.indexOf('?', start);
  const path = target.slice(start, query < 0 ? undefined : query);
  return path.startsWith(AUTH_PATH) ? AUTH_PATH : path;
}

/**
 * The part of the target after `/auth`: the client's own path and query, if a proxy with a prefix
 * route appended them. Empty for other proxies.
 */
export function targetBehindAuth(request: Request, env: unknown): string {
  const target = rawTarget(env) ?? request.url;
  const start = target.startsWith('/') ? 0 : pathStart(target);
  const isAuth = start >= 0 && target.startsWith(AUTH_PATH, start);
  return isAuth ? target.slice(start + AUTH_PATH.length) : '';
}

function rawTarget(env: unknown): string | undefined {
  const url = (env as { incoming?: { url?: unknown } } | undefined)?.incoming?.url;
  return typeof url === 'string' ? url : undefined;
}

/**
 * Returns where the path of an absolute URL begins, or -1 if there is no path. RFC 3986 §3.2: the
 * authority ends at `/`, `?` or `#`.
 */
function pathStart(target: string): number {
  const authority = /^https?:\/\/[^/?#\\]*/i.exec(target)?.[0].length ?? target.length;
  return target[authority] === '/' ? authority : -1;
}
