import { prefers } from './accept.js';
import { targetBehindAuth } from './target.js';

/**
 * What of a request tells who waits for its answer, and which page a person wanted. All of it is
 * the client's word or its proxy's: it chooses the form of a refusal and never lets anybody in.
 */
export interface Asked {
  /** `Sec-Fetch-Mode` (W3C Fetch Metadata §2.2): browsers send it to HTTPS and to this machine. */
  readonly mode: string | null | undefined;
  readonly accept: string | null | undefined;
  /** `X-Requested-With`, which many libraries for scripts send. */
  readonly requestedWith: string | null | undefined;
  /** The method of the client's request, as far as its proxy says it. */
  readonly method: string;
  /** The URL of the client's request, as far as its proxy says it. Not checked. */
  readonly address: string | undefined;
}

/**
 * Who waits for an answer: a person who opens a page, a script or a part of a page, or something
 * else, such as a program or a browser that does not say.
 */
export type Waiting = 'person' | 'script' | 'other';

/**
 * A person is one who navigates and prefers HTML to JSON. Where no `Sec-Fetch-Mode` is there, the
 * preference counts alone.
 */
export function waitingFor({ mode, accept, requestedWith }: Asked): Waiting {
  if (mode ? mode !== 'navigate' : requestedWith) return 'script';
  return prefers(accept ?? null, 'text/html', 'application/json') ? 'person' : 'other';
}

/**
 * Reads what a proxy says about the request that it asks for.
 *
 * nginx says it in `X-Original-URL` and `X-Original-Method`, Caddy and Traefik in
 * `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`. Envoy asks with the client's method and host,
 * and with the client's path behind `/auth`.
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
 * Whether the proxy passes on no answer but 200, 401 and 403, as nginx's `auth_request` does. It is
 * told where to send a person in the `Location` of a 401.
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
 * Whether a request is the question of a browser whether another site's script may ask (Fetch
 * §4.8). It carries no credentials.
 *
 * Every method that is said must be OPTIONS: a client that adds one of these headers cannot pass
 * off another request as a preflight where its proxy writes the other. A proxy that appends the
 * client's path asks by the client's method and writes neither, so that method counts alone.
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
