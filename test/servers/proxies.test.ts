/**
 * The recipes of docs/gateway.md do their work, with the real proxies. proxies-attacks.slow.test.ts
 * attacks them.
 */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { basic, freshToken } from '../unit/gateway/harness.js';
import { JID } from '../unit/token/reference.js';
import { isSpoe, LOGIN, RECIPES, stageOf } from './proxy-stage.js';
import { exchange } from './raw-http.js';

describe.each(RECIPES)('%s', { timeout: 180_000 }, (name) => {
  const stage = stageOf(name);

  const ask = async (headers: Record<string, string>, path = '/page?x=1', method = 'GET') => {
    const before = stage.app.requests.length;
    const answer = await fetch(stage.url + path, {
      method,
      headers,
      ...(method === 'POST' ? { body: 'a body' } : {}),
    });
    await answer.text();
    return { answer, status: answer.status, got: stage.app.requests.slice(before) };
  };

  it('starts without a warning about its recipe', () => {
    expect(stage.output).not.toMatch(/\[(warn|warning|alert|emerg)\]|not formatted/i);
  });

  it('accepts a token once, and tells the application its account', async () => {
    const headers = basic('alice', freshToken());
    const { status, got } = await ask(headers);
    expect([status, got.length]).toEqual([200, 1]);
    expect(got[0]).toMatchObject({ method: 'GET', target: '/page?x=1' });
    expect(got[0]!.env).toMatchObject({
      HTTP_X_AUTH_JID: JID,
      HTTP_X_AUTH_USER: 'alice',
      HTTP_X_AUTH_HOST: 'example.com',
      HTTP_REMOTE_USER: JID,
    });
    expect(got[0]!.env.HTTP_AUTHORIZATION ?? '').toBe('');
    expect(await ask(headers)).toMatchObject({ status: 401, got: [] });
  });

  it('passes an accepted POST on with its body', async () => {
    const { status, got } = await ask(basic('alice', freshToken()), '/form', 'POST');
    expect(status).toBe(200);
    expect(got).toMatchObject([{ method: 'POST', body: 'a body' }]);
  });

  it.each([
    ['nobody', {}],
    ['garbage', { authorization: 'Basic %%%' }],
    ['a token with the name of another user', basic('bob', freshToken())],
    ['an old token', basic('alice', freshToken(JID, 1))],
    ['headers that only the gateway may write', { 'x-auth-jid': JID, 'remote-user': JID }],
  ])('refuses %s, and asks for credentials', async (_what, headers) => {
    const before = stage.app.requests.length;
    // As a program sends it: fetch adds the Sec-Fetch-Mode of a script.
    const answer = await exchange(stage.port, [
      'GET /page HTTP/1.1',
      `Host: 127.0.0.1:${stage.port}`,
      'Connection: close',
      ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
    ]);
    expect([answer.status, stage.app.requests.length]).toEqual([401, before]);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="totp-token"/);
  });

  /** A request as Chromium sends it, which fetch does not. */
  const browse = (target: string, mode: string, lines: string[] = [], method = 'GET', body = '') =>
    exchange(
      stage.port,
      [
        `${method} ${target} HTTP/1.1`,
        `Host: 127.0.0.1:${stage.port}`,
        'Connection: close',
        'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
        `Sec-Fetch-Mode: ${mode}`,
        ...lines,
      ],
      body,
    );

  it('sends a person without a session to the login page, with the page to come back to', async () => {
    const before = stage.app.requests.length;
    const page = encodeURIComponent(`${stage.url}/a/page?x=1&y=%2F`);
    const location = `${LOGIN}?return_to=${page}`;
    for (const lines of [[], ['Cookie: __Host-totp-token=a.b.c']])
      expect(await browse('/a/page?x=1&y=%2F', 'navigate', lines)).toMatchObject({
        status: 303,
        headers: { location },
      });
    // A page of another site that a client names is no page to come back to.
    for (const line of [
      'X-Original-URL: https://evil.example/',
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Uri: @evil.example/',
    ]) {
      const { headers } = await browse('/', 'navigate', [line]);
      expect(headers.location ?? LOGIN).not.toContain('evil');
    }
    expect(stage.app.requests.length).toBe(before);
  });

  it('refuses a script without a session, and opens no window for a password', async () => {
    const { status, headers } = await browse('/data', 'cors');
    expect([status, headers['www-authenticate'], headers.location]).toEqual([
      401,
      'Bearer realm="totp-token"',
      undefined,
    ]);
  });

  it('logs a person in by the form of an allowed page alone, and renews the session', async () => {
    const send = (origin: string) => {
      const form = { jid: JID, token: freshToken(), return_to: `${stage.url}/page` };
      const body = `${new URLSearchParams(form)}`;
      const lines = [
        `Origin: ${origin}`,
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
      ];
      return browse('/v1/session', 'navigate', lines, 'POST', body);
    };
    expect((await send('https://evil.example')).status).toBe(403);
    const begun = await send(new URL(LOGIN).origin);
    expect(begun).toMatchObject({ status: 303, headers: { location: `${stage.url}/page` } });
    const cookie = begun.headers['set-cookie']!.split(';')[0]!;
    const use = () => browse('/page', 'navigate', [`Cookie: ${cookie}`]);
    expect(await use()).toMatchObject({ status: 200, headers: {} });
    expect((await use()).headers['set-cookie']).toBeUndefined();

    stage.gateway.clock.timeMs += 450_000;
    const renewed = await use();
    stage.gateway.clock.timeMs -= 450_000;
    expect(renewed.status).toBe(200);
    expect(renewed.headers['set-cookie']).toMatch(/^__Host-totp-token=[\w.-]+; .*Max-Age=900; /);
    expect(renewed.headers['set-cookie']).not.toContain(cookie);
  });

  const itPassing = name.startsWith('HAProxy') ? () => {} : it;
  itPassing(
    'passes a preflight on without a name, and nothing that only looks like one',
    async () => {
      const before = stage.app.requests.length;
      const lines = [
        'Origin: https://other.example',
        'Access-Control-Request-Method: PUT',
        'X-Auth-Jid: root@example.com',
      ];
      expect((await browse('/api', 'cors', lines, 'OPTIONS')).status).toBe(200);
      const got = stage.app.requests.slice(before);
      expect(got).toMatchObject([{ method: 'OPTIONS' }]);
      expect([got[0]!.env.HTTP_X_AUTH_JID ?? '', got[0]!.env.HTTP_REMOTE_USER ?? '']).toEqual([
        '',
        '',
      ]);
      for (const said of ['X-Original-Method: OPTIONS', 'X-Forwarded-Method: OPTIONS'])
        expect((await browse('/api', 'cors', [...lines, said])).status).toBe(401);
      expect(stage.app.requests.length).toBe(before + 1);
    },
  );

  it('accepts a session until it ends, and keeps its cookie from the application', async () => {
    const begun = await fetch(`${stage.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jid: JID, token: freshToken() }),
    });
    expect(begun.status).toBe(200);
    const cookie = begun.headers.get('set-cookie')!.split(';')[0]!;
    const { status, got } = await ask({ cookie: `a=1; ${cookie}; b=2` });
    expect(status).toBe(200);
    expect(got[0]!.env.HTTP_COOKIE).toMatch(/^a=1; *b=2$/);
    expect((await fetch(`${stage.url}/v1/session`, { headers: { cookie } })).status).toBe(200);
    const ended = await fetch(`${stage.url}/v1/session`, { method: 'DELETE', headers: { cookie } });
    expect(ended.status).toBe(204);
    expect(await ask({ cookie })).toMatchObject({ status: 401, got: [] });
  });

  it.each([
    ['230 Cyrillic letters', 230],
    ['the longest localpart of RFC 7622 in Cyrillic', 511],
  ])('accepts a name of %s', async (_what, letters) => {
    const user = 'я'.repeat(letters);
    const { status, got } = await ask(basic(user, freshToken(`${user}@example.com`)));
    expect(status).toBe(200);
    const escaped = encodeURIComponent(user);
    expect(got[0]!.env).toMatchObject({
      HTTP_X_AUTH_USER: escaped,
      HTTP_REMOTE_USER: `${escaped}@example.com`,
    });
  });

  it('accepts a WebSocket with a token, and tells the application its account', async () => {
    const before = stage.app.requests.length;
    const socket = new WebSocket(`${stage.url.replace('http', 'ws')}/chat`, {
      headers: basic('alice', freshToken()),
    });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('echo hello');
    const closed = once(socket, 'close');
    socket.terminate();
    await closed;
    expect(stage.app.requests.slice(before)).toMatchObject([{ env: { HTTP_X_AUTH_JID: JID } }]);
  });

  it('refuses a WebSocket without credentials', async () => {
    const before = stage.app.requests.length;
    const socket = new WebSocket(`${stage.url.replace('http', 'ws')}/chat`);
    const [error] = await once(socket, 'error').catch((error) => [error]);
    expect(String(error)).toContain('401');
    expect(stage.app.requests.length).toBe(before);
  });

  it('reuses its connection to the application', async () => {
    await ask(basic('alice', freshToken()));
    const before = stage.app.connections();
    for (let i = 0; i < 5; i++) expect((await ask(basic('alice', freshToken()))).status).toBe(200);
    expect(stage.app.connections() - before).toBeLessThanOrEqual(1);
  });

  it("puts the client's address into the gateway's log", async () => {
    await ask(basic('alice', 'no token'));
    expect(stage.gateway.lines().at(-1)).toMatchObject({ msg: 'rejected', client: '127.0.0.1' });
  });

  const itOfHAProxy = name.startsWith('HAProxy') ? it : () => {};
  itOfHAProxy('checks the health of the gateway by HTTP/1.1 with a Host', async () => {
    expect(await stage.relay.headWith('/healthz')).toMatch(
      /^GET \/healthz HTTP\/1\.1\r\nhost: localhost/i,
    );
    expect(stage.output).not.toContain('DOWN');
  });

  const FAILED = 'content-length: 0\r\nconnection: close\r\n\r\n';
  it.each<[what: string, text: string, expected: number, retryAfter?: string]>([
    [
      'cannot reach its guard',
      `HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\n${FAILED}`,
      503,
      '7',
    ],
    [
      'cannot reach its guard, without Retry-After',
      `HTTP/1.1 503 Service Unavailable\r\n${FAILED}`,
      503,
    ],
    [
      'finds the credentials too large',
      `HTTP/1.1 431 Request Header Fields Too Large\r\n${FAILED}`,
      431,
    ],
  ])(
    'lets nobody in while the gateway %s, and passes its status on',
    async (_what, text, expected, retryAfter) => {
      stage.relay.answerWith(text);
      const { status, got, answer } = await ask(basic('alice', freshToken()));
      stage.relay.answerWith(undefined);
      // For a recipe that asks by SPOP these bytes are no valid answer.
      expect([status, got]).toEqual([isSpoe(name) ? 503 : expected, []]);
      expect(answer.headers.get('www-authenticate')).toBeNull();
      if (retryAfter !== undefined && !isSpoe(name))
        expect(answer.headers.get('retry-after')).toBe(retryAfter);
      expect((await ask(basic('alice', freshToken()))).status).toBe(200);
    },
  );

  it('lets nobody in while the gateway is gone, and does not ask for credentials', async () => {
    await stage.relay.cut();
    const { status, got, answer } = await ask(basic('alice', freshToken()));
    expect([502, 503]).toContain(status);
    expect(got).toEqual([]);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });
});
