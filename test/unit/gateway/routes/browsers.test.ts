/** How `/auth` answers a browser without a session: a person, a script, and a preflight. */
import { describe, expect, it } from 'vitest';
import { JID } from '../../token/reference.js';
import { basic, freshToken, harness } from '../harness.js';

const LOGIN = 'https://login.example.com/';
const SETTINGS = { loginUrl: LOGIN, allowedOrigins: ['https://app.example.com'] };
const { ask } = await harness(SETTINGS);

/** What Chromium sends for a page. */
const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};
const CADDY = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': '/page?x=1',
};
const NGINX = {
  'x-original-method': 'GET',
  'x-original-url': 'https://app.example.com/page?x=1',
};
const BACK = `${LOGIN}?return_to=${encodeURIComponent('https://app.example.com/page?x=1')}`;
const QUIET = 'Bearer realm="totp-token"';
const LOUD = 'Basic realm="totp-token", charset="UTF-8", Bearer realm="totp-token"';

const told = ({ status, headers }: Response) => ({
  status,
  location: headers.get('location'),
  challenge: headers.get('www-authenticate'),
});

describe('a person without a session', () => {
  it('is sent to the login page by Caddy and Traefik, with the page to come back to', async () => {
    const answer = await ask('/auth', { headers: { ...NAVIGATION, ...CADDY } });
    expect(told(answer)).toEqual({ status: 303, location: BACK, challenge: null });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toBe('');
  });

  it('is sent there by nginx, which is told the place in a 401', async () => {
    const answer = await ask('/auth', { headers: { ...NAVIGATION, ...NGINX } });
    expect(told(answer)).toEqual({ status: 401, location: BACK, challenge: QUIET });
  });

  it('is sent there by Envoy, which appends the path of the page to /auth', async () => {
    const headers = { ...NAVIGATION, host: 'app.example.com', 'x-forwarded-proto': 'https' };
    expect(told(await ask('/auth/page?x=1', { headers }))).toMatchObject({ location: BACK });
  });

  it.each([
    ['a used-up token', basic(JID, 'used up')],
    ['credentials that cannot be read', { authorization: 'Basic %%%' }],
    ['a user without a host', basic('alice', 'x')],
    ['a text that is not a session', { authorization: 'Bearer a.b.c' }],
    ['a cookie that is no session', { cookie: '__Host-totp-token=a.b.c' }],
  ])('is sent there with %s too', async (_what, headers) => {
    const answer = await ask('/auth', { headers: { ...NAVIGATION, ...CADDY, ...headers } });
    expect(told(answer)).toEqual({ status: 303, location: BACK, challenge: null });
  });

  it('is known by what it accepts where its browser does not say that it navigates', async () => {
    for (const accept of ['text/html', NAVIGATION.accept, 'text/html;q=0.9, */*;q=0.1'])
      expect((await ask('/auth', { headers: { ...CADDY, accept } })).status).toBe(303);
  });

  it.each(['POST', 'PUT', 'DELETE'])(
    'comes back to no page that was asked for by %s',
    async (method) => {
      for (const said of [
        { ...CADDY, 'x-forwarded-method': method },
        { ...NGINX, 'x-original-method': method },
      ]) {
        const answer = await ask('/auth', { headers: { ...NAVIGATION, ...said } });
        expect(told(answer)).toMatchObject({ location: LOGIN });
      }
      const headers = { ...NAVIGATION, 'x-forwarded-proto': 'https', host: 'app.example.com' };
      expect(told(await ask('/auth/form', { method, headers }))).toMatchObject({ location: LOGIN });
    },
  );

  it.each([
    ['another host in X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
    ['two hosts in X-Forwarded-Host', { 'x-forwarded-host': 'app.example.com, evil.example' }],
    ['a user in X-Forwarded-Host', { 'x-forwarded-host': 'app.example.com@evil.example' }],
    ['another port in X-Forwarded-Host', { 'x-forwarded-host': 'app.example.com:8443' }],
    ['a path in X-Forwarded-Host', { 'x-forwarded-host': 'evil.example/app.example.com' }],
    ['another scheme in X-Forwarded-Proto', { 'x-forwarded-proto': 'javascript' }],
    ['an address in X-Forwarded-Proto', { 'x-forwarded-proto': 'https://evil.example/?' }],
    ['a target that continues the host', { 'x-forwarded-uri': '.evil.example/' }],
    ['a target that makes the host a user', { 'x-forwarded-uri': '@evil.example/' }],
    ['a whole URL as target', { 'x-forwarded-uri': 'https://evil.example/' }],
    ['a long target', { 'x-forwarded-uri': `/${'a'.repeat(3000)}` }],
    ['bytes beyond ASCII', { 'x-forwarded-uri': '/\xe9' }],
    ['another site in X-Original-URL', { 'x-original-url': 'https://evil.example/' }],
    ['no address in X-Original-URL', { 'x-original-url': '//evil.example' }],
  ])('is sent to the login page alone by %s', async (_what, headers) => {
    const answer = await ask('/auth', { headers: { ...NAVIGATION, ...CADDY, ...headers } });
    expect(told(answer)).toMatchObject({ location: LOGIN });
  });

  it('is asked for credentials by the browser where there is no login page', async () => {
    const bare = await harness();
    const answer = await bare.ask('/auth', { headers: { ...NAVIGATION, ...CADDY } });
    expect(told(answer)).toEqual({ status: 401, location: null, challenge: LOUD });
  });

  it('is let in with a session, and told of an outage', async () => {
    const { post, ask: other } = await harness(SETTINGS);
    const begun = await post('/v1/session', { jid: JID, token: freshToken() });
    const cookie = begun.headers.get('set-cookie')!.split(';')[0]!;
    const answer = await other('/auth', { headers: { ...NAVIGATION, ...CADDY, cookie } });
    expect(answer.headers.get('x-auth-jid')).toBe(JID);
  });
});

describe('a script', () => {
  it.each([
    ['fetch of another origin', { 'sec-fetch-mode': 'cors', accept: '*/*' }],
    ['fetch of its own origin', { 'sec-fetch-mode': 'same-origin' }],
    ['an image', { 'sec-fetch-mode': 'no-cors', accept: 'image/avif,*/*;q=0.8' }],
    ['a WebSocket', { 'sec-fetch-mode': 'websocket' }],
    ['fetch that asks for HTML', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
    ['XMLHttpRequest of a library', { 'x-requested-with': 'XMLHttpRequest', accept: 'text/html' }],
  ])('is refused without the Basic challenge: %s', async (_what, headers) => {
    for (const { ask: each } of [await harness(), { ask }])
      expect(told(await each('/auth', { headers: { ...CADDY, ...headers } }))).toEqual({
        status: 401,
        location: null,
        challenge: QUIET,
      });
  });

  it('that shows a used-up token is refused without the Basic challenge', async () => {
    const headers = { 'sec-fetch-mode': 'cors', ...basic(JID, 'used up') };
    expect(told(await ask('/auth', { headers }))).toMatchObject({ status: 401, challenge: QUIET });
  });

  it('that asks for its session is refused without the Basic challenge', async () => {
    expect(told(await ask('/v1/session'))).toMatchObject({ status: 401, challenge: QUIET });
  });
});

describe('a program', () => {
  it.each([
    ['curl', { accept: '*/*' }],
    ['no Accept', {}],
    ['one that prefers JSON', { accept: 'application/json, text/html;q=0.5' }],
    ['one that takes both alike', { accept: 'text/html, application/json' }],
    ['one that refuses HTML', { accept: 'text/html;q=0' }],
  ])('is asked for Basic and Bearer credentials: %s', async (_what, headers) => {
    expect(told(await ask('/auth', { headers: { ...CADDY, ...headers } }))).toEqual({
      status: 401,
      location: null,
      challenge: LOUD,
    });
  });
});

describe('a preflight', async () => {
  const { ask: open } = await harness({ ...SETTINGS, preflight: true });
  const PREFLIGHT = {
    origin: 'https://other.example',
    'access-control-request-method': 'PUT',
    'sec-fetch-mode': 'cors',
  };
  const IDENTITY = ['x-auth-jid', 'x-auth-user', 'x-auth-host', 'remote-user'];

  it.each([
    ['Caddy', 'GET', { 'x-forwarded-method': 'OPTIONS' }],
    ['nginx', 'GET', { 'x-original-method': 'OPTIONS' }],
    ['Envoy', 'OPTIONS', {}],
  ])('passes as nobody through %s where it may', async (_proxy, method, said) => {
    const headers = { ...PREFLIGHT, ...said };
    const answer = await open('/auth', { method, headers });
    expect(answer.status).toBe(200);
    // All are there, so that the client's own are overwritten, and all are empty.
    expect(IDENTITY.map((name) => answer.headers.get(name))).toEqual(['', '', '', '']);
    expect((await ask('/auth', { method, headers })).status).toBe(401);
  });

  it.each([
    ['GET', {}],
    ['GET', { 'x-forwarded-method': 'GET' }],
    ['GET', { 'x-forwarded-method': 'POST' }],
    ['GET', { 'x-forwarded-method': 'options' }],
    ['GET', { 'x-original-method': 'GET' }],
    // A header that the client added, beside the one that its proxy wrote.
    ['GET', { 'x-original-method': 'OPTIONS', 'x-forwarded-method': 'DELETE' }],
    ['GET', { 'x-original-method': 'DELETE', 'x-forwarded-method': 'OPTIONS' }],
    ['OPTIONS', { 'x-forwarded-method': 'DELETE' }],
    ['DELETE', {}],
  ])('is none by the method %s with %j', async (method, said) => {
    expect((await open('/auth', { method, headers: { ...PREFLIGHT, ...said } })).status).toBe(401);
  });

  it.each(['x-original-method', 'x-forwarded-method'])(
    'is none by a GET to a path behind /auth, which Envoy asks, whatever %s says',
    async (name) => {
      const headers = { ...PREFLIGHT, [name]: 'OPTIONS' };
      expect((await open('/auth/page', { headers })).status).toBe(401);
      expect((await open('/auth/page', { method: 'OPTIONS', headers })).status).toBe(200);
    },
  );

  it.each(['origin', 'access-control-request-method'])('is none without %s', async (name) => {
    const { [name as 'origin']: _, ...headers } = PREFLIGHT;
    expect((await open('/auth', { method: 'OPTIONS', headers })).status).toBe(401);
  });
});
