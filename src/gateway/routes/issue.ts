import { VerifierError } from '../../index.js';
import { accountOf } from '../checker.js';
import type { GatewayIssuer } from '../contract.js';
import { failure, json, unauthorized } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { sameSecret } from '../http/credentials.js';
import { IssueRequest } from '../http/schemas.js';
import type { Refusal } from '../refusal.js';
import type { RouteContext } from '../route-context.js';

/**
 * Returns why a request does not have the operator's secret as its bearer, or undefined if it has.
 */
export async function whyNotOperator(
  { headers }: Request,
  secret: string,
): Promise<Refusal | undefined> {
  const header = headers.get('authorization');
  if (!header) return 'no-credentials';
  const given = /^bearer +(\S+) *$/i.exec(header)?.[1] ?? '';
  return (await sameSecret(given, secret)) ? undefined : 'wrong-secret';
}

/**
 * `POST /v1/issue`: a token for a jid, for clients that have the issue secret. The secret is
 * checked before the body is read.
 */
export function issueRoute(
  { checker, settings, observer }: RouteContext,
  issuer: GatewayIssuer,
  issueSecret: string,
) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const why = await whyNotOperator(request, issueSecret);
    if (why !== undefined) {
      checker.refuse('issue', why, { request, env });
      return unauthorized(settings.realm);
    }
    const body = await readJson(request, IssueRequest, settings.limits);
    if (body instanceof Response) {
      checker.refuse('issue', 'unreadable-body', { request, env });
      return body;
    }
    try {
      const token = issuer.issue(body.jid);
      const { jid, host } = accountOf(body.jid);
      observer.event('issued', { host }, { request, env });
      return json(200, JSON.stringify({ jid, token }));
    } catch (error) {
      if (error instanceof VerifierError && error.code === 'ERR_OPTION') {
        checker.refuse('issue', 'bad-jid', { jid: body.jid, request, env });
        return failure('bad-request', 'jid: not a bare JID of a host that has keys');
      }
      throw error;
    }
  };
}
