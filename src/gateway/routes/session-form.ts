import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { failure, quietChallenge, seeOther, unauthorized, unavailable } from '../http/answers.js';
import { readText } from '../http/body.js';
import type { RouteContext } from '../route-context.js';
import type { Sessions } from '../session/sessions.js';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A session that began, as the text that its client keeps. */
export interface Begun {
  readonly jid: string;
  readonly text: string;
}

/** What begins a session with a token: the verdict if it is rejected, null if its key is gone. */
export type BeginSession = (
  jid: string,
  token: string,
  transport: 'cookie' | 'bearer',
  request: Request,
  env: unknown,
) => Promise<Begun | (Verdict & { ok: false }) | null>;

/**
 * `POST /v1/session` by a form with `jid`, `token` and the page to go on to: sets the cookie and
 * sends the person there, or back to the login with `error=rejected` or `error=unavailable`.
 *
 * A form of another site could log a person in under the attacker's account (login CSRF), so the
 * form must come from a page of an allowed origin.
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
    return failure('forbidden', 'the form is not of a page of an allowed origin');
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
  // Of a field that stands twice, each reader may take another. Other fields are a page's own.
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
 * Whether a form was sent by a page of an allowed origin. The browser says so, and no page can have
 * it say otherwise.
 *
 * `Origin` (RFC 6454 §7) counts where it names one. It is `null` or missing where the page's referrer
 * policy hides it; `Sec-Fetch-Site` then tells whether the page has the origin of the gateway.
 */
function isFromAllowedPage(headers: Headers, isAllowed: (origin: string) => boolean): boolean {
  const origin = headers.get('origin');
  return origin === null || origin === 'null'
    ? headers.get('sec-fetch-site') === 'same-origin'
    : isAllowed(origin);
}

/** An origin as a log may show it: as a browser writes one. A program may put a token there. */
function shownOrigin(origin: string | null): string | undefined {
  if (origin === 'null') return origin;
  if (origin === null || origin.length > 200 || !URL.canParse(origin)) return undefined;
  return new URL(origin).origin === origin ? origin : undefined;
}
