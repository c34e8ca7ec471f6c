/** Sessions that are renewed while they are used. */
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../../../src/gateway/index.js';
import { EndedInMemory } from '../../../../src/gateway/session/ended.js';
import { JID, KEYS, OTHER_KEYS, PERIOD_MS } from '../../token/reference.js';
import { bearer, freshToken, harness } from '../harness.js';

const SETTINGS = { seconds: 600, maxSeconds: 3600 };

async function browser(options: GatewayOptions = {}) {
  const all = await harness({ sessions: SETTINGS, ...options });
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie');
  const stepNow = () => Math.floor(all.clock.timeMs / PERIOD_MS);
  const login = async () => {
    const answer = await all.post('/v1/session', { jid: JID, token: freshToken(JID, stepNow()) });
    return cookieOf(answer)!.split(';')[0]!;
  };
  /** What /auth answers, and the cookie that it sets. */
  const use = async (cookie: string) => {
    const answer = await all.ask('/auth', { headers: { cookie } });
    const set = cookieOf(answer);
    return { status: answer.status, set, cookie: set?.split(';')[0] ?? cookie };
  };
  const pass = (seconds: number) => (all.clock.timeMs += seconds * 1000);
  const claimsOf = (cookie: string) =>
    JSON.parse(Buffer.from(cookie.split('.')[1]!, 'base64url').toString());
  return { ...all, login, use, pass, claimsOf };
}

describe('a session', () => {
  it('is renewed from half of its time on, under the same id and the time of its login', async () => {
    const { login, use, pass, claimsOf } = await browser();
    const first = await login();
    const began = claimsOf(first).iat;
    expect(claimsOf(first)).toMatchObject({ auth_time: began, renew_till: began + 3600 });
    pass(299);
    expect(await use(first)).toMatchObject({ status: 200, set: null });
    pass(1);
    const { status, set, cookie } = await use(first);
    expect(status).toBe(200);
    expect(set).toMatch(
      /^__Host-totp-token=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(claimsOf(cookie)).toEqual({
      ...claimsOf(first),
      iat: began + 300,
      exp: began + 900,
    });
    // The renewed one is not renewed again before its own half.
    expect(await use(cookie)).toMatchObject({ status: 200, set: null });
  });

  it('lasts while it is used, and ends at its greatest age to the second', async () => {
    const { login, use, pass } = await browser();
    let cookie = await login();
    const ages: (string | undefined)[] = [];
    for (let age = 0; age < 3600; age += 300) {
      const used = await use(cookie);
      expect(used.status).toBe(200);
      ages.push(used.set?.match(/Max-Age=\d+/)?.[0]);
      cookie = used.cookie;
      pass(300);
    }
    // Each renewal gives 600 seconds, and none lasts beyond 3600 seconds after the login.
    expect(ages).toEqual([undefined, ...Array(10).fill('Max-Age=600'), undefined]);
    expect(await use(cookie)).toMatchObject({ status: 401, set: null });
  });

  it('gets no more than the seconds that are left, and is not renewed for none', async () => {
    const { login, use, pass } = await browser({ sessions: { seconds: 600, maxSeconds: 700 } });
    const first = await login();
    pass(550);
    const { set, cookie } = await use(first);
    expect(set).toContain('Max-Age=150;');
    pass(100);
    expect(await use(cookie)).toMatchObject({ status: 200, set: null });
    pass(50);
    expect((await use(cookie)).status).toBe(401);
  });

  it('ends if it is not used', async () => {
    const { login, use, pass } = await browser();
    const cookie = await login();
    pass(600);
    expect(await use(cookie)).toMatchObject({ status: 401, set: null });
  });

  it('is not renewed by default, nor as a bearer credential', async () => {
    for (const sessions of [{ seconds: 600 }, SETTINGS]) {
      const { login, use, ask, pass } = await browser({ sessions });
      const cookie = await login();
      pass(500);
      const headers = bearer(cookie.slice(cookie.indexOf('=') + 1));
      const answer = await ask('/auth', { headers });
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
      if (sessions !== SETTINGS) expect((await use(cookie)).set).toBeNull();
    }
  });

  it('ends with all of its renewals by a logout with any of them', async () => {
    const { login, use, ask, pass } = await browser();
    const first = await login();
    pass(300);
    const { cookie: second } = await use(first);
    await ask('/v1/session', { method: 'DELETE', headers: { cookie: first } });
    expect(await use(second)).toMatchObject({ status: 401, set: null });
  });

  it('stays ended as long as its last renewal could have lasted', async () => {
    const ended = new EndedInMemory(1);
    const { login, use, ask, pass } = await browser({ endedSessions: ended });
    const first = await login();
    pass(300);
    const { cookie: second } = await use(first);
    await ask('/v1/session', { method: 'DELETE', headers: { cookie: first } });
    // By then the first has expired by itself, and another logout looks for room.
    pass(400);
    const other = await login();
    await ask('/v1/session', { method: 'DELETE', headers: { cookie: other } });
    expect((await use(second)).status).toBe(401);
  });

  it('that was renewed ends when all sessions up to a moment after its login end', async () => {
    const ended = new EndedInMemory();
    const { login, use, pass, clock } = await browser({ endedSessions: ended });
    const first = await login();
    const loginSeconds = Math.floor(clock.timeMs / 1000);
    pass(300);
    const { cookie: second } = await use(first);
    ended.endAll(loginSeconds);
    expect(await use(second)).toMatchObject({ status: 401, set: null });
  });

  it('that was renewed ends when its key is removed, and not when a key is added', async () => {
    const { login, use, pass, gateway } = await browser();
    const first = await login();
    await gateway.setHosts({ 'example.com': [OTHER_KEYS, KEYS] });
    pass(300);
    const { cookie } = await use(first);
    expect((await use(cookie)).status).toBe(200);
    await gateway.setHosts({ 'example.com': OTHER_KEYS });
    expect(await use(cookie)).toMatchObject({ status: 401, set: null });
  });

  it.each([
    ['a lower age', { seconds: 600, maxSeconds: 800 }, 'Max-Age=500;'],
    ['a greater age', { seconds: 600, maxSeconds: 90_000 }, 'Max-Age=600;'],
    ['fewer seconds', { seconds: 400, maxSeconds: 3600 }, 'Max-Age=400;'],
    ['no renewal', { seconds: 600 }, null],
  ])('is renewed as a new configuration says: %s', async (_what, sessions, expected) => {
    const { login, use, pass, gateway } = await browser();
    const cookie = await login();
    gateway.configure({ sessions });
    pass(300);
    const { status, set } = await use(cookie);
    expect(status).toBe(200);
    if (expected === null) expect(set).toBeNull();
    else expect(set).toContain(expected);
  });

  it('is never renewed beyond the age that was set at its login', async () => {
    const { login, use, pass, gateway, claimsOf } = await browser();
    let cookie = await login();
    const { renew_till: end } = claimsOf(cookie);
    gateway.configure({ sessions: { seconds: 600, maxSeconds: 90_000 } });
    for (let age = 0; age < 3600; age += 300) {
      cookie = (await use(cookie)).cookie;
      expect(claimsOf(cookie).exp).toBeLessThanOrEqual(end);
      pass(300);
    }
    expect((await use(cookie)).status).toBe(401);
  });

  it('is renewed without a promise', async () => {
    const { login, pass, gateway } = await browser();
    const cookie = await login();
    pass(300);
    const answer = gateway.fetch(new Request('http://gateway.test/auth', { headers: { cookie } }));
    expect(answer).toBeInstanceOf(Response);
    expect((answer as Response).headers.get('set-cookie')).toContain('Max-Age=600;');
  });
});
