import type { Context } from 'hono';
import { prepareJid } from '../../xmpp/prepare-jid.js';
import { whenKnown } from '../checker.js';
import { failure, unauthorized } from '../http/answers.js';
import { mediaType, readText } from '../http/body.js';
import { parseAuthorization } from '../http/credentials.js';
import type { RouteContext } from '../route-context.js';
import { isUnavailable, rejected } from './verify.js';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
const FIELDS = ['user', 'server', 'pass'] as const;
const say = (answer: boolean) => new Response(`${answer}`, { headers: TEXT });

/**
 * `GET /prosody/async/HOST`: what Prosody's mod_auth_http_async asks. Basic with localpart and token; any 2xx is yes.
 *
 * The localpart is taken as a whole: an `@` in it must not choose another host than the VirtualHost that asks.
 */
export function prosodyAsyncRoute({ checker, settings }: RouteContext) {
  return (c: Context): Response | Promise<Response> => {
    const request = c.req.raw;
    const credentials = parseAuthorization(request.headers.get('authorization'));
    const no = () => unauthorized(settings.realm);
    if (credentials?.kind !== 'token' || credentials.user.includes('@')) return no();
    const jid = `${credentials.user}@${c.req.param('host')}`;
    return whenKnown(checker.check(jid, credentials.token, 'prosody', request, c.env), (verdict) =>
      verdict.ok ? say(true) : rejected(verdict, settings),
    );
  };
}

/**
 * `/prosody/http/METHOD`: what Prosody's mod_auth_http, ejabberd's and MongooseIM's HTTP authentication ask, by query or
 * by form. 200 with `true` or `false`; what is not about checking is not supported, since users are not kept here.
 */
export function prosodyHttpRoute({ checker, verifier, settings }: RouteContext) {
  return async (c: Context): Promise<Response> => {
    const request = c.req.raw;
    const method = c.req.param('method');
    if (method !== 'check_password' && method !== 'user_exists') return failure('not-supported');
    const fields = await fieldsOf(request, settings.limits);
    if (fields instanceof Response) return fields;
    // Of a field that stands twice, each reader may take another.
    if (FIELDS.some((name) => fields.getAll(name).length > 1)) return failure('bad-request');
    const user = fields.get('user') ?? '';
    const server = fields.get('server') ?? '';
    const jid = user.includes('@') ? '' : `${user}@${server}`;
    if (method === 'user_exists') {
      // Whoever has a name that can be one: there is no list of users.
      const host = prepareJid(jid)?.split('@')[1];
      return say(host !== undefined && verifier.hosts.includes(host));
    }
    const verdict = await checker.check(jid, fields.get('pass') ?? '', 'prosody', request, c.env);
    return isUnavailable(verdict.code) ? rejected(verdict, settings) : say(verdict.ok);
  };
}

async function fieldsOf(
  request: Request,
  limits: RouteContext['settings']['limits'],
): Promise<URLSearchParams | Response> {
  if (request.method === 'GET') {
    const query = request.url.indexOf('?');
    return new URLSearchParams(query < 0 ? '' : request.url.slice(query + 1));
  }
  if (mediaType(request) !== 'application/x-www-form-urlencoded') return failure('unsupported-type');
  const text = await readText(request, limits);
  return text instanceof Response ? text : new URLSearchParams(text);
}
