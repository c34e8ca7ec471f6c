/** Answers that are the same every time. `no-store`, because an answer about a token is true once. */
const JSON_TYPE = 'application/json; charset=utf-8';

const PLAIN_HEADERS = { 'content-type': JSON_TYPE, 'cache-control': 'no-store' };

/**
 * A JSON answer. The text is ours: nothing of the client's is in it unless it went through
 * JSON.stringify.
 */
export function json(status: number, text: string, headers?: Record<string, string>): Response {
  return new Response(text, {
    status,
    headers: headers === undefined ? PLAIN_HEADERS : { ...PLAIN_HEADERS, ...headers },
  });
}

/** What went wrong with a request, in a word that programs can tell apart. */
export type ErrorWord =
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'timeout'
  | 'too-large'
  | 'unsupported-type'
  | 'internal'
  | 'busy'
  | 'not-ready'
  | 'not-supported';

const STATUS: Readonly<Record<ErrorWord, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  timeout: 408,
  'too-large': 413,
  'unsupported-type': 415,
  internal: 500,
  'not-supported': 501,
  busy: 503,
  'not-ready': 503,
};

/** Those after which the rest of the body is not wanted. */
const CLOSING: readonly ErrorWord[] = ['timeout', 'too-large'];

/** @param detail - Of our own words: it must not hold anything that the client sent. */
export function failure(
  error: ErrorWord,
  detail?: string,
  headers: Record<string, string> = {},
): Response {
  const text = JSON.stringify(detail === undefined ? { error } : { error, detail });
  return json(
    STATUS[error],
    text,
    CLOSING.includes(error) ? { connection: 'close', ...headers } : headers,
  );
}

/**
 * The one answer to every token, session and credential that is not good, whatever is wrong with
 * it.
 *
 * @param headers - Default: the challenge for a client of which nothing is known.
 */
export function unauthorized(
  realm: string,
  reason?: string,
  headers: Record<string, string> = challenge(realm),
): Response {
  const text =
    reason === undefined
      ? '{"ok":false,"error":"unauthorized"}'
      : `{"ok":false,"error":"unauthorized","code":"${reason}"}`;
  return json(401, text, headers);
}

/** Sends a browser on, by GET whatever its method was (RFC 9110 §15.4.4). */
export function seeOther(location: string, headers?: Record<string, string>): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'content-length': '0', ...headers },
  });
}

/** Seconds after which a client that got {@link unavailable} may try again. */
export const RETRY_SECONDS = 5;

/**
 * The answer to a token that is signed right, but of which nobody can say that it is unused: the
 * guard is full, does not answer, or began after the token's step. The service is at fault, so
 * there is no challenge, which a browser would answer by asking for another password.
 */
export function unavailable(reason?: string): Response {
  const text =
    reason === undefined
      ? '{"ok":false,"error":"unavailable"}'
      : `{"ok":false,"error":"unavailable","code":"${reason}"}`;
  return json(503, text, { 'retry-after': `${RETRY_SECONDS}` });
}

/** RFC 9110 §11.6.1, RFC 7617 §2.1, RFC 6750 §3. */
export function challenge(realm: string): { readonly 'www-authenticate': string } {
  return { 'www-authenticate': `Basic realm="${realm}", charset="UTF-8", Bearer realm="${realm}"` };
}

/**
 * A 401 must have a challenge (RFC 9110 §15.5.2). A browser opens its window for a password at
 * `Basic`, and does nothing at this one.
 */
export function quietChallenge(realm: string): { readonly 'www-authenticate': string } {
  return { 'www-authenticate': `Bearer realm="${realm}"` };
}
