import type { Context } from 'hono';
import type { Verdict } from '../../index.js';
import { accountOf, whenKnown } from '../checker.js';
import { json, unauthorized } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { VerifyRequest } from '../http/schemas.js';
import type { Parts } from '../route-context.js';

/** `POST /v1/verify`: one token in JSON. */
export function verifyRoute({ checker, settings }: Parts) {
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c.req.raw, VerifyRequest, settings.limits);
    if (body instanceof Response) return body;
    const { jid, token } = body;
    return whenKnown(checker.check(jid, token, 'verify', c.req.raw, c.env), (verdict) =>
      verdict.ok ? accepted(jid, verdict) : rejected(verdict, settings),
    );
  };
}

function accepted(jid: string, { step, drift, keyIndex }: Verdict & { ok: true }): Response {
  const account = JSON.stringify(accountOf(jid).jid);
  return json(200, `{"ok":true,"jid":${account},"step":${step},"drift":${drift},"keyIndex":${keyIndex}}`);
}

/** The 401 of a rejected token: without the reason, unless the operator wants it said. */
export function rejected(verdict: Verdict, { realm, reasons }: Parts['settings']): Response {
  return unauthorized(realm, reasons ? verdict.code : undefined);
}
