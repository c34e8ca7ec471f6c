/** `POST /v1/session` by the form of a login page. */
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../../../src/gateway/index.js';
import { createGuardedVerifier } from '../../../../src/index.js';
import { JID } from '../../token/reference.js';
import { freshToken, HOSTS, harness } from '../harness.js';

const LOGIN = 'https://login.example.com/';
const APP = 'https://app.example.com';
const SETTINGS = { loginUrl: LOGIN, allowedOrigins: [APP, 'https://login.example.com'] };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const FROM_LOGIN = { origin: 'https://login.example.com', 'sec-fetch-site': 'same-site' };

async function page(options: GatewayOptions = SETTINGS) {
  const all = await harness(options);
  const send = (
    fields: Record<string, string> | string,
    headers: Record<string, string> = FROM_LOGIN,
  ) => all.post('/v1/session', `${new URLSearchParams(fields)}`, { ...FORM, ...headers });
  return { ...all, send };
}
const good = () => ({ jid: JID, token: freshToken() });
const told = ({ status, headers }: Response) => ({
  status,
  location: headers.get('location'),
  cookie: headers.get('set-cookie') !== null,
});

describe('a form', () => {
  it('sets the cookie and sends the person to the page that was asked for', async () => {
    const { send, ask, events } = await page();
    const answer = await send({ ...good(), return_to: `${APP}/page?x=1` });
    expect(told(answer)).toEqual({ status: 303, location: `${APP}/page?x=1`, cookie: true });
    const cookie = answer.headers.get('set-cookie')!;
    expect(cookie).toMatch(
      /^__Host-totp-token=[\w.-]+; Path=\/; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const used = await ask('/auth', { headers: { cookie: cookie.split(';')[0]! } });
    expect(used.headers.get('x-auth-jid')).toBe(JID);
    expect(events).toEqual(['session-began']);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one of another site', 'https://evil.example/'],
    ['a network path', '//evil.example/'],
    ['a path with a backslash', '/\\evil.example'],
    ['one with a user', 'https://app.example.com@evil.example/'],
    ['one with CR and LF', `${APP}/\r\nSet-Cookie: a=b`],
    ['a script', 'javascript:alert(1)'],
  ])('sends the person to the first allowed origin for the page: %s', async (_what, address) => {
    const { send } = await page();
    const fields = address === undefined ? good() : { ...good(), return_to: address };
    expect(told(await send(fields))).toEqual({ status: 303, location: `${APP}/`, cookie: true });
  });

  it('reads the page from the parameter that the settings name', async () => {
    const { send } = await page({ ...SETTINGS, loginParameter: 'next' });
    const answer = await send({ ...good(), next: `${APP}/a`, return_to: `${APP}/b` });
    expect(told(answer).location).toBe(`${APP}/a`);
  });

  it('with a bad token sends the person back to the login page, and keeps the page', async () => {
    const { send, told: verified } = await page();
    const fields = { jid: JID, token: 'x', return_to: `${APP}/a` };
    expect(told(await send(fields))).toEqual({
      status: 303,
      location: `${LOGIN}?return_to=https%3A%2F%2Fapp.example.com%2Fa&error=rejected`,
      cookie: false,
    });
    expect(verified.map(({ protocol, verdict }) => [protocol, verdict.code])).toEqual([
      ['session', 'malformed'],
    ]);
    const other = { ...fields, return_to: 'https://evil.example/' };
    expect(told(await send(other)).location).toBe(`${LOGIN}?error=rejected`);
  });

  it('tells the login page of an outage, and is answered 401 or 503 without a page', async () => {
    const verifier = () =>
      createGuardedVerifier({
        hosts: HOSTS,
        clock: () => 0,
        guard: { remember: async (marks) => marks.map(() => 'unavailable' as const) },
      });
    const outage = await page({ ...SETTINGS, verifier: await verifier() });
    // At the epoch, step 0.
    const fields = () => ({ jid: JID, token: freshToken(JID, 0) });
    expect(told(await outage.send(fields())).location).toBe(`${LOGIN}?error=unavailable`);
    const bare = await page({
      allowedOrigins: [APP, FROM_LOGIN.origin],
      verifier: await verifier(),
    });
    expect(told(await bare.send(fields()))).toMatchObject({ status: 503, location: null });
    const refused = await bare.send({ jid: JID, token: 'x' });
    expect(told(refused)).toMatchObject({ status: 401, location: null });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="totp-token"');
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another site by an old browser', { origin: 'https://evil.example' }],
    ['another site that hides its origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['nobody, such as a program', {}],
    ['a bookmark', { 'sec-fetch-site': 'none' }],
    ['a page of the same site alone', { origin: 'null', 'sec-fetch-site': 'same-site' }],
    ['a subdomain', { origin: 'https://x.app.example.com', 'sec-fetch-site': 'same-site' }],
    ['another scheme', { origin: 'http://app.example.com', 'sec-fetch-site': 'cross-site' }],
    ['another port', { origin: 'https://app.example.com:8443', 'sec-fetch-site': 'same-site' }],
    ['two origins', { origin: `${APP} https://evil.example` }],
    [
      'an unlisted origin of its own',
      { origin: 'https://a.example', 'sec-fetch-site': 'same-origin' },
    ],
  ])('of %s is refused, and its token stays unused', async (_who, headers) => {
    const { send, told: verified, events } = await page();
    const fields = good();
    expect(told(await send(fields, headers))).toEqual({
      status: 403,
      location: null,
      cookie: false,
    });
    expect([verified, events]).toEqual([[], ['form-refused']]);
    expect(told(await send(fields)).cookie).toBe(true);
  });

  it('that is refused tells the log of an origin, and of nothing else in its place', async () => {
    const told: unknown[] = [];
    const event = (_: string, { origin }: { origin?: unknown }) => void told.push(origin);
    const observer = { verified() {}, batch() {}, fault() {}, event };
    const { send } = await page({ ...SETTINGS, observer });
    const [digits = '', signature = ''] = freshToken().split(' ');
    const origins = [
      'https://evil.example',
      'null',
      digits,
      signature,
      `https://a:${digits}@b.example`,
    ];
    for (const origin of [...origins, `https://b.example/${digits}`, btoa(digits)])
      await send(good(), { origin, 'sec-fetch-site': 'cross-site' });
    expect(told).toEqual(['https://evil.example', 'null', ...Array(5).fill(undefined)]);
  });

  it.each<[string, Record<string, string>]>([
    ['an allowed origin', { origin: APP }],
    ['another allowed origin of another site', { origin: APP, 'sec-fetch-site': 'cross-site' }],
    ['a page of its own origin that hides it', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['a page of its own origin without Origin', { 'sec-fetch-site': 'same-origin' }],
  ])('of %s is taken', async (_who, headers) => {
    const { send } = await page();
    expect(told(await send(good(), headers)).cookie).toBe(true);
  });

  it.each([
    ['no token', () => `jid=${JID}`],
    ['no jid', () => `token=${encodeURIComponent(freshToken())}`],
    ['two jids', () => `${new URLSearchParams(good())}&jid=bob@example.com`],
    ['two tokens', () => `${new URLSearchParams(good())}&token=x`],
    ['two pages', () => `${new URLSearchParams(good())}&return_to=a&return_to=b`],
  ])('with %s is refused', async (_what, text) => {
    const { send, told: verified } = await page();
    expect(told(await send(text()))).toEqual({ status: 400, location: null, cookie: false });
    expect(verified.map(({ reason }) => reason)).toEqual(['unreadable-body']);
  });

  it('may have fields of its page', async () => {
    const { send } = await page();
    expect(told(await send({ ...good(), submit: 'Log in' })).cookie).toBe(true);
  });

  it('is of no use for a bearer session', async () => {
    const { send } = await page();
    const answer = await send({ ...good(), transport: 'bearer' });
    expect([await answer.text(), told(answer).cookie]).toEqual(['', true]);
  });
});
