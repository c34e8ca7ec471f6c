/** The route of forward authentication, and the prefix that proxies put before a client's path. */
export const AUTH_PATH = '/auth';

/**
 * The path by which a route is chosen.
 *
 * A proxy with a prefix route (Envoy's `path_prefix: /auth`) appends the path that the client
 * wrote. A URL that was parsed has lost that path: `/auth/../healthz` has become `/healthz`, which
 * is answered 200 without credentials. So the request target counts as it came (RFC 9112 §3.2), and
 * nothing in it is decoded or resolved:
 *
 * - A target that begins with `/auth`, whatever follows, is forward authentication and nothing
 *   else.
 * - Every other route has one spelling. A target with dot segments, doubled slashes, backslashes,
 *   `;`, `#` or escapes is another text and so no route.
 * - Of the absolute form (`http://HOST/PATH`) scheme and authority are left out. Where there is no
 *   path it is `/`, which is no route.
 *
 * On Node the target is `env.incoming.url`. Other runtimes have the parsed URL only. There, serve
 * proxies with `Gateway.authenticate`, which has no other route.
 *
 * @param env - Beside the request, as the adapter of the runtime gives it.
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
 * What stands behind `/auth` in the target: the client's own path and query, where a proxy with a
 * prefix route appended them. Empty for other proxies.
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
 * Where the path of an absolute URL begins, -1 if it has none. RFC 3986 §3.2: the authority ends at
 * `/`, `?` or `#`.
 */
function pathStart(target: string): number {
  const authority = /^https?:\/\/[^/?#\\]*/i.exec(target)?.[0].length ?? target.length;
  return target[authority] === '/' ? authority : -1;
}
