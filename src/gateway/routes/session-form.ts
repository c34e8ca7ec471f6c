import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { failure, quietChallenge, seeOther, unauthorized, unavailable } from '../http/answers.js';
import { readText } from '../http/body.js';
import type { RouteContext } from '../route-context.js';
import type { Sessions } from '../session/sessions.js';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A new session, as the text that its client keeps. */
export interface Begun {
  readonly jid: string;
  readonly text: string;
}

/**
 * Begins a session with a token. Returns the verdict if the token is rejected, or null if its key
 * was removed.
 */
export type BeginSession = (
  jid: string,
  token: string,
  transport: 'cookie' | 'bearer',
  request: Request,
  env: unknown,
) => Promise<Begun | (Verdict & { ok: false }) | null>;

/**
 * `POST /v1/session` by a form with `jid`, `token` and the page to return to. Sets the cookie and
 * sends the person to that page, or back to the login page with `error=rejected` or
 * `error=unavailable`.
 *
 * A form of another site could log a person in to the attacker's account (login CSRF). So the form
 * must come from a page of an allowed origin.
 */
export async function beginByForm(
  { checker, settings, login, observer }: RouteContext,
  sessions: Sessions,
  begin: BeginSession,
  request: Request,
  env: unknown,
): Promise<Response> {
  if (!isFromAllowedPage(request.headers, (origin) => login.isAllowedOrigin(origin))) {
    const origin = shownOrigin(request.headers.get('origin'));
    observer.event('form-refused', { origin }, { request, env });
    return failure('forbidden', 'the form does not come from a page of an allowed origin');
  }
  const text = await readText(request, settings.limits);
  if (text instanceof Response) {
    checker.refuse('session', 'unreadable-body', { request, env });
    return text;
  }
  const fields = new URLSearchParams(text);
  const [jid, token, address] = ['jid', 'token', settings.loginParameter].map((name) =>
    fields.getAll(name),
  );
  // Readers could disagree on which of two duplicate fields counts. A page may add other fields.
  if (jid?.length !== 1 || token?.length !== 1 || (address?.length ?? 0) > 1) {
    checker.refuse('session', 'unreadable-body', { request, env });
    return failure('bad-request', 'write jid and token once, and the page at most once');
  }
  const begun = await begin(jid[0]!, token[0]!, 'cookie', request, env);
  if (begun !== null && 'text' in begun) {
    const location = login.allowed(address?.[0]) ?? login.home;
    return seeOther(location!, { 'set-cookie': sessions.cookie(begun.text) });
  }
  const isOut = begun !== null && isOutage(begun.code);
  const again = login.location(address?.[0], isOut ? 'unavailable' : 'rejected');
  if (again !== undefined) return seeOther(again);
  const reason = settings.reasons ? begun?.code : undefined;
  if (isOut) return unavailable(reason);
  return unauthorized(settings.realm, reason, quietChallenge(settings.realm));
}

/**
 * Whether a page of an allowed origin sent the form. The browser writes these headers, and no page
 * can change them.
 *
 * If `Origin` (RFC 6454 §7) names an origin, that counts. It is `null` or missing if the page's
 * referrer policy hides it. `Sec-Fetch-Site` then tells whether the page has the origin of the
 * gateway.
 */
function isFromAllowedPage(headers: Headers, isAllowed: (origin: string) => boolean): boolean {
  const origin = headers.get('origin');
  return origin === null || origin === 'null'
    ? headers.get('sec-fetch-site') === 'same-origin'
    : isAllowed(origin);
}

/**
 * Returns an origin for the log if it has the form that a browser writes. A program may put a token
 * there.
 */
function shownOrigin(origin: string | null): string | undefined {
  if (origin === 'null') return origin;
  if (origin === null || origin.length > 200 || !URL.canParse(origin)) return undefined;
  return new URL(origin).origin === origin ? origin : undefined;
}
