/** Answers carry `no-store`, because an answer about a token is true only once. */
const JSON_TYPE = 'application/json; charset=utf-8';

const PLAIN_HEADERS = { 'content-type': JSON_TYPE, 'cache-control': 'no-store' };

/**
 * A JSON answer.
 *
 * @param text - Our own text. Input of the client may be in it only after JSON.stringify.
 */
export function json(status: number, text: string, headers?: Record<string, string>): Response {
  return new Response(text, {
    status,
    headers: headers === undefined ? PLAIN_HEADERS : { ...PLAIN_HEADERS, ...headers },
  });
}

/** The fault of a request, as a word for programs. */
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

/** Errors after which the rest of the body is not read. */
const CLOSING: readonly ErrorWord[] = ['timeout', 'too-large'];

/** @param detail - A text of ours. It must not hold input of the client. */
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
 * The one answer to every bad token, session or credential, no matter what is wrong with it.
 *
 * @param headers - Default: the challenge for an unknown kind of client.
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

/**
 * Redirects a browser. It uses GET then, no matter which method it used before (RFC 9110 §15.4.4).
 */
export function seeOther(location: string, headers?: Record<string, string>): Response {
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store', 'content-length': '0', ...headers },
  });
}

/** How many seconds a client that got {@link unavailable} should wait before it tries again. */
export const RETRY_SECONDS = 5;

/**
 * The answer to a token with a good signature if the guard cannot say whether it is unused: the
 * guard is full, does not answer, or began after the token's step. The service is at fault, so the
 * answer has no challenge. A browser would respond to one by asking for another password.
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
 * A challenge at which a browser does not ask for a password, as it does at `Basic`. A 401 must
 * have a challenge (RFC 9110 §15.5.2).
 */
export function quietChallenge(realm: string): { readonly 'www-authenticate': string } {
  return { 'www-authenticate': `Bearer realm="${realm}"` };
}
