import { VerifierError } from '../../index.js';
import { accountOf } from '../checker.js';
import type { GatewayIssuer } from '../contract.js';
import { failure, json, unauthorized } from '../http/answers.js';
import { readJson } from '../http/body.js';
import { sameSecret } from '../http/credentials.js';
import { IssueRequest } from '../http/schemas.js';
import type { RouteContext } from '../route-context.js';

/**
 * `POST /v1/issue`: a token for a jid, for clients that have the credential. It is checked before
 * the body is read.
 */
export function issueRoute(
  { settings, observer }: RouteContext,
  issuer: GatewayIssuer,
  issueSecret: string,
) {
  return async (request: Request): Promise<Response> => {
    const given = /^bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
    if (!(await sameSecret(given, issueSecret))) return unauthorized(settings.realm);
    const body = await readJson(request, IssueRequest, settings.limits);
    if (body instanceof Response) return body;
    try {
      const token = issuer.issue(body.jid);
      const { jid, host } = accountOf(body.jid);
      observer.event('issued', { host });
      return json(200, JSON.stringify({ jid, token }));
    } catch (error) {
      if (error instanceof VerifierError && error.code === 'ERR_OPTION') {
        return failure('bad-request', 'jid: not a bare JID of a host that has keys');
      }
      throw error;
    }
  };
}
