import { describe, expect, it } from 'vitest';
import { JID, STEP, tokenOf } from '../../token/reference.js';
import { basic, bearer, freshToken, harness } from '../harness.js';

const { ask } = await harness({ defaultHost: 'example.com' });

const identity = (response: Response) =>
  ['x-auth-jid', 'x-auth-user', 'x-auth-host', 'remote-user'].map((name) =>
    response.headers.get(name),
  );

describe('/auth', () => {
  it.each(['alice', 'alice@example.com', 'ALICE@EXAMPLE.COM'])(
    'accepts the user %s with a token once',
    async (user) => {
      const headers = basic(user, freshToken());
      const first = await ask('/auth', { headers });
      expect(first.status).toBe(200);
      expect(identity(first)).toEqual([JID, 'alice', 'example.com', JID]);
      expect((await ask('/auth', { headers })).status).toBe(401);
    },
  );

  it('accepts a jid and its token as a bearer credential too, in base64url', async () => {
    const text = Buffer.from(`alice@example.com:${freshToken()}`).toString('base64url');
    expect((await ask('/auth', { headers: bearer(text) })).status).toBe(200);
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'answers the method %s, and any path under /auth',
    async (method) => {
      const headers = basic('alice', freshToken());
      expect((await ask('/auth/some/where?x=1', { method, headers })).status).toBe(200);
      expect((await ask('/auth', { method })).status).toBe(401);
    },
  );

  it('asks for credentials with the challenges of RFC 7617 and RFC 6750', async () => {
    const { headers } = await ask('/auth');
    expect(headers.get('www-authenticate')).toBe(
      'Basic realm="totp-token", charset="UTF-8", Bearer realm="totp-token"',
    );
  });

  it.each([
    ['no credentials', ''],
    ['another scheme', 'Digest username="alice"'],
    ['characters outside base64', 'Basic ***'],
    ['no colon', `Basic ${btoa('alice')}`],
    ['bytes that are not UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`],
    ['a NUL', `Basic ${btoa('ali\0ce:x')}`],
    ['line breaks', `Basic ${btoa('alice\r\nx-auth-jid: root@example.com:x')}`],
    ['two credentials', `Basic ${btoa('a:b')}, Basic ${btoa('a:b')}`],
    ['a bearer credential that is no session', 'Bearer aaaa.bbbb.cccc'],
    [
      'an unsigned session',
      `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice@example.com"}')}.`,
    ],
  ])('refuses an Authorization header with %s', async (_what, authorization) => {
    const answer = await ask('/auth', { headers: { authorization } });
    expect([answer.status, identity(answer)]).toEqual([401, [null, null, null, null]]);
  });

  it('refuses a localpart alone if there is no default host', async () => {
    const { ask } = await harness();
    expect((await ask('/auth', { headers: basic('alice', freshToken()) })).status).toBe(401);
  });

  it('encodes names beyond ASCII so that different names stay different', async () => {
    const names = ['bücher', 'b%c3%bccher', 'χρήστη', '用户'];
    const seen = new Set<string | null>();
    for (const name of names) {
      const jid = `${name}@example.com`;
      const answer = await ask('/auth', { headers: basic(jid, freshToken(jid)) });
      expect(answer.status).toBe(200);
      const [shown] = identity(answer);
      expect(shown).toMatch(/^[!-~]+$/);
      expect(decodeURIComponent(shown!)).toBe(jid);
      seen.add(shown!);
    }
    expect(seen.size).toBe(names.length);
  });

  it('splits a jid from its token at the last colon, as a domain may hold colons', async () => {
    const { ask, gateway } = await harness();
    const jid = 'alice@[::1]';
    const keys = { otpSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', tokenSecret: 'x' };
    await gateway.setHosts({ '[::1]': keys });
    const headers = basic(jid, tokenOf({ jid, keys, step: STEP }));
    expect((await ask('/auth', { headers })).headers.get('x-auth-host')).toBe('[::1]');
  });

  it('ignores identity headers of the client', async () => {
    const headers = {
      ...basic('alice', freshToken()),
      'x-auth-jid': 'root@example.com',
      'remote-user': 'root',
    };
    expect(identity(await ask('/auth', { headers }))).toEqual([JID, 'alice', 'example.com', JID]);
  });

  it("answers Envoy's ext_authz, which sends the method, path and headers of the request", async () => {
    // HttpService with path_prefix /auth: POST /auth/orders?id=1, content-length 0, x-envoy-* and
    // the allowed headers.
    const headers = {
      ...basic('alice', freshToken()),
      'content-length': '0',
      'x-envoy-expected-rq-timeout-ms': '200',
      'x-forwarded-for': '203.0.113.9',
      host: 'orders.example',
    };
    const answer = await ask('/auth/orders?id=1', { method: 'POST', headers });
    expect([answer.status, answer.headers.get('x-auth-jid')]).toEqual([200, JID]);
    expect((await ask('/auth/orders?id=1', { method: 'POST', headers })).status).toBe(401);
  });
});

describe('/prosody', () => {
  it('answers mod_auth_http_async by Basic credentials of the host in the path', async () => {
    const headers = basic('alice', freshToken());
    expect((await ask('/prosody/async/example.com', { headers })).status).toBe(200);
    expect((await ask('/prosody/async/example.com', { headers })).status).toBe(401);
    expect((await ask('/prosody/async/example.com')).status).toBe(401);
    const other = basic('alice', freshToken());
    expect((await ask('/prosody/async/elsewhere.example', { headers: other })).status).toBe(401);
    const smuggled = basic('alice@example.com', freshToken());
    expect((await ask('/prosody/async/elsewhere.example', { headers: smuggled })).status).toBe(401);
  });

  const question = (fields: Record<string, string>) => `?${new URLSearchParams(fields)}`;

  it('answers the query check_password of mod_auth_http and ejabberd with true once', async () => {
    const query = question({ user: 'alice', server: 'example.com', pass: freshToken() });
    const answers = [];
    for (let i = 0; i < 2; i++) {
      const answer = await ask(`/prosody/http/check_password${query}`);
      answers.push([answer.status, await answer.text()]);
    }
    expect(answers).toEqual([
      [200, 'true'],
      [200, 'false'],
    ]);
  });

  it('answers check_password as a form too', async () => {
    const body = new URLSearchParams({ user: 'alice', server: 'example.com', pass: freshToken() });
    const answer = await ask('/prosody/http/check_password', { method: 'POST', body });
    expect(await answer.text()).toBe('true');
  });

  it.each([
    [{ user: 'alice', server: 'example.com' }, 'true'],
    [{ user: 'anyone', server: 'EXAMPLE.com' }, 'true'],
    [{ user: 'alice', server: 'elsewhere.example' }, 'false'],
    [{ user: '', server: 'example.com' }, 'false'],
    [{ user: 'a@example.com', server: 'x' }, 'false'],
  ])('answers user_exists for %j with %s', async (fields, expected) => {
    expect(await (await ask(`/prosody/http/user_exists${question(fields)}`)).text()).toBe(expected);
  });

  it('answers 501 to a question that would change a user', async () => {
    expect((await ask('/prosody/http/register', { method: 'POST' })).status).toBe(501);
  });
});
