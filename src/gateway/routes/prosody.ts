import { isOutage } from '../../token/verdict.js';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { whenKnown } from '../checker.js';
import { failure, unauthorized } from '../http/answers.js';
import { mediaType, readText } from '../http/body.js';
import { parseAuthorization } from '../http/credentials.js';
import { type Refusal, whyNoCredentials } from '../refusal.js';
import type { RouteContext } from '../route-context.js';
import { rejected } from './verify.js';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
const FIELDS = ['user', 'server', 'pass'] as const;
const say = (answer: boolean) => new Response(`${answer}`, { headers: TEXT });

/**
 * `GET /prosody/async/HOST`: the question of Prosody's mod_auth_http_async. Basic credentials hold
 * localpart and token. Any 2xx means yes.
 *
 * A localpart with an `@` is refused. It must not choose another host than the VirtualHost that
 * asks.
 */
export function prosodyAsyncRoute({ checker, settings }: RouteContext) {
  return (request: Request, env: unknown, host: string): Response | Promise<Response> => {
    const header = request.headers.get('authorization');
    const credentials = parseAuthorization(header);
    const no = (why: Refusal) => {
      checker.refuse('prosody', why, { request, env });
      return unauthorized(settings.realm);
    };
    if (credentials === null) return no(whyNoCredentials(header));
    if (credentials.kind !== 'token') return no('unknown-scheme');
    if (credentials.user.includes('@')) return no('other-host');
    const jid = `${credentials.user}@${host}`;
    return whenKnown(checker.check(jid, credentials.token, 'prosody', request, env), (verdict) =>
      verdict.ok ? say(true) : rejected(verdict, settings),
    );
  };
}

// `/prosody/http/METHOD`: Prosody's mod_auth_http, ejabberd's and MongooseIM's HTTP authentication
// ask by query or by form. The answer is 200 with `true` or `false`.

/** `/prosody/http/check_password`: verifies the token in `pass` and uses it up. */
export function checkPasswordRoute({ checker, settings }: RouteContext) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const fields = await fieldsOf(request, settings.limits);
    if (fields instanceof Response) {
      checker.refuse('prosody', 'unreadable-body', { request, env });
      return fields;
    }
    const jid = jidOf(fields);
    if (jid === undefined) {
      checker.refuse('prosody', 'other-host', { request, env });
      return say(false);
    }
    const verdict = await checker.check(jid, fields.get('pass') ?? '', 'prosody', request, env);
    return isOutage(verdict.code) ? rejected(verdict, settings) : say(verdict.ok);
  };
}

/**
 * `/prosody/http/user_exists`: true for every valid name on a host that has keys. There is no list
 * of users.
 */
export function userExistsRoute({ verifier, settings }: RouteContext) {
  return async (request: Request): Promise<Response> => {
    const fields = await fieldsOf(request, settings.limits);
    if (fields instanceof Response) return fields;
    const host = prepareJid(jidOf(fields) ?? '')?.split('@')[1];
    return say(host !== undefined && verifier.hosts.includes(host));
  };
}

/**
 * `/prosody/http/METHOD` for all other methods. They would change users, and the gateway has no
 * list of users.
 */
export function notSupportedRoute() {
  return (): Response => failure('not-supported');
}

/**
 * The jid of a question. Undefined if the localpart has an `@`, which must not choose another host.
 */
function jidOf(fields: URLSearchParams): string | undefined {
  const user = fields.get('user') ?? '';
  return user.includes('@') ? undefined : `${user}@${fields.get('server') ?? ''}`;
}

/**
 * Reads the fields of a question, or returns the answer that refuses it. A duplicate field is
 * refused, because readers could disagree on which one counts.
 */
async function fieldsOf(
  request: Request,
  limits: RouteContext['settings']['limits'],
): Promise<URLSearchParams | Response> {
  const fields = await readFields(request, limits);
  if (fields instanceof Response) return fields;
  return FIELDS.some((name) => fields.getAll(name).length > 1) ? failure('bad-request') : fields;
}

async function readFields(
  request: Request,
  limits: RouteContext['settings']['limits'],
): Promise<URLSearchParams | Response> {
  if (request.method === 'GET') {
    const query = request.url.indexOf('?');
    return new URLSearchParams(query < 0 ? '' : request.url.slice(query + 1));
  }
  if (mediaType(request) !== 'application/x-www-form-urlencoded')
    return failure('unsupported-type');
  const text = await readText(request, limits);
  return text instanceof Response ? text : new URLSearchParams(text);
}
