import { prefers } from './accept.js';
import { targetBehindAuth } from './target.js';

/**
 * The parts of a request that show who waits for the answer, and which page a person wanted. The
 * client or its proxy wrote them. They choose the form of a refusal, and never grant access.
 */
export interface Asked {
  /** `Sec-Fetch-Mode` (W3C Fetch Metadata §2.2): browsers send it to HTTPS and to this machine. */
  readonly mode: string | null | undefined;
  readonly accept: string | null | undefined;
  /** `X-Requested-With`, which many libraries for scripts send. */
  readonly requestedWith: string | null | undefined;
  /** The method of the client's request, if its proxy passes it on. */
  readonly method: string;
  /** The URL of the client's request, if its proxy passes it on. Not checked. */
  readonly address: string | undefined;
}

/**
 * Who waits for an answer. `person`: somebody opens a page. `script`: a script or a part of a page.
 * `other`: a program, or a browser that does not say.
 */
export type Waiting = 'person' | 'script' | 'other';

/**
 * Finds out who waits. A person navigates and prefers HTML to JSON. Without `Sec-Fetch-Mode`, only
 * the preference counts.
 */
export function waitingFor({ mode, accept, requestedWith }: Asked): Waiting {
  if (mode ? mode !== 'navigate' : requestedWith) return 'script';
  return prefers(accept ?? null, 'text/html', 'application/json') ? 'person' : 'other';
}

/**
 * Reads what a proxy says about the client's request.
 *
 * nginx sends `X-Original-URL` and `X-Original-Method`. Caddy and Traefik send
 * `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`. Envoy sends the client's method and host, and
 * appends the client's path to `/auth`.
 *
 * @param env - As for `routePath`.
 */
export function askedBy(request: Request, env: unknown): Asked {
  const { headers } = request;
  return {
    mode: headers.get('sec-fetch-mode'),
    accept: headers.get('accept'),
    requestedWith: headers.get('x-requested-with'),
    method: headers.get('x-original-method') ?? headers.get('x-forwarded-method') ?? request.method,
    address: addressOf(request, env),
  };
}

/**
 * Whether the proxy understands only 200, 401 and 403, like nginx's `auth_request`. It gets the
 * login page in the `Location` of a 401.
 */
export const takesNoRedirect = ({ headers }: Request): boolean => headers.has('x-original-url');

function addressOf(request: Request, env: unknown): string | undefined {
  const { headers } = request;
  const original = headers.get('x-original-url');
  if (original !== null) return original;
  const path = headers.get('x-forwarded-uri') ?? targetBehindAuth(request, env);
  const host = headers.get('x-forwarded-host') ?? headers.get('host');
  if (!path.startsWith('/') || host === null) return undefined;
  return `${headers.get('x-forwarded-proto') ?? 'https'}://${host}${path}`;
}

/**
 * Whether a request is a CORS preflight (Fetch §4.8): a browser asks whether another site's script
 * may send a request. It carries no credentials.
 *
 * Both method headers must be OPTIONS if they are present. So a client that adds one of them cannot
 * pass off another request as a preflight if its proxy writes the other one. A proxy that appends
 * the client's path writes neither header. It uses the client's method, so only that counts.
 *
 * @param env - As for `routePath`.
 */
export function isPreflight(request: Request, env: unknown): boolean {
  const { headers, method } = request;
  const original = headers.get('x-original-method');
  const forwarded = headers.get('x-forwarded-method');
  const isOptions = (said: string | null) => said === null || said === 'OPTIONS';
  return (
    headers.has('origin') &&
    headers.has('access-control-request-method') &&
    isOptions(original) &&
    isOptions(forwarded) &&
    (method === 'OPTIONS' ||
      ((original ?? forwarded) !== null && !targetBehindAuth(request, env).startsWith('/')))
  );
}
