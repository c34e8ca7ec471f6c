import type { Verdict } from '../../index.js';
import { isOutage } from '../../token/verdict.js';
import { accountOf, whenKnown } from '../checker.js';
import { json, unauthorized, unavailable } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { isVerifyRequest, VerifyRequest } from '../http/schemas.js';
import type { RouteContext } from '../route-context.js';

/** `POST /v1/verify`: one token in JSON. */
export function verifyRoute({ checker, settings }: RouteContext) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const body = await readJson(request, VerifyRequest, settings.limits, isVerifyRequest);
    if (body instanceof Response) {
      checker.refuse('verify', 'unreadable-body', { request, env });
      return body;
    }
    const { jid, token } = body;
    return whenKnown(checker.check(jid, token, 'verify', request, env), (verdict) =>
      verdict.ok ? accepted(jid, verdict) : rejected(verdict, settings),
    );
  };
}

function accepted(jid: string, { step, drift, keyIndex }: Verdict & { ok: true }): Response {
  const account = JSON.stringify(accountOf(jid).jid);
  return json(
    200,
    `{"ok":true,"jid":${account},"step":${step},"drift":${drift},"keyIndex":${keyIndex}}`,
  );
}

/**
 * The answer to a rejected token: 503 if the guard cannot say whether it is unused, and the same
 * 401 for all other reasons. It names the reason only if the operator has switched that on.
 */
export function rejected(
  { code }: Verdict,
  { realm, reasons }: RouteContext['settings'],
): Response {
  const reason = reasons ? code : undefined;
  return isOutage(code) ? unavailable(reason) : unauthorized(realm, reason);
}
