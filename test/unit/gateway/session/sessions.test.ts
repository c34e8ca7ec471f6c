import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { GatewayOptions } from '../../../../src/gateway/index.js';
import { EndedInMemory } from '../../../../src/gateway/session/ended.js';
import { SessionJwt } from '../../../../src/gateway/session/jwt.js';
import {
  DEFAULT_SESSIONS,
  type SessionSettings,
  Sessions,
} from '../../../../src/gateway/session/sessions.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf } from '../../token/reference.js';
import { basic, bearer, freshToken, harness } from '../harness.js';

const SECRET = new TextEncoder().encode('a secret of sessions that only the tests have');

async function withSession(options: GatewayOptions = {}) {
  const all = await harness({ sessionSecret: SECRET, ...options });
  const begin = async (transport: 'cookie' | 'bearer', token = freshToken()) => {
    const answer = await all.post('/v1/session', { jid: JID, token, transport });
    expect(answer.status).toBe(200);
    const cookie = answer.headers.get('set-cookie');
    const body = (await answer.json()) as { session?: string };
    return { cookie, text: body.session ?? /=([^;]+)/.exec(cookie!)![1]!, body };
  };
  const admits = async (text: string) =>
    (await all.ask('/auth', { headers: bearer(text) })).status === 200;
  return { ...all, begin, admits };
}

describe('a session', () => {
  it('is set as a cookie that scripts and other sites cannot use, and is accepted repeatedly', async () => {
    const { begin, ask } = await withSession();
    const { cookie, body } = await begin('cookie');
    expect(cookie).toMatch(
      /^__Host-totp-token=[\w.-]+; Path=\/; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(body).toEqual({ ok: true, jid: JID, expiresIn: 900 });
    const headers = { cookie: `other=1; ${cookie!.split(';')[0]}` };
    for (let i = 0; i < 3; i++) {
      const answer = await ask('/auth', { headers });
      expect([answer.status, answer.headers.get('x-auth-jid')]).toEqual([200, JID]);
    }
  });

  it('takes precedence over a used-up token, and an invalid session does not spoil a fresh token', async () => {
    const { begin, ask } = await withSession();
    const token = freshToken();
    const { cookie } = await begin('cookie', token);
    const stale = basic(JID, token);
    expect(
      (await ask('/auth', { headers: { ...stale, cookie: cookie!.split(';')[0]! } })).status,
    ).toBe(200);
    expect((await ask('/auth', { headers: stale })).status).toBe(401);
    const fresh = { ...basic(JID, freshToken()), cookie: '__Host-totp-token=no.session.this' };
    expect((await ask('/auth', { headers: fresh })).status).toBe(200);
  });

  it('is checked without a promise, as a cookie and as a bearer credential', async () => {
    const { begin, gateway } = await withSession();
    const { text } = await begin('bearer');
    for (const headers of [{ cookie: `__Host-totp-token=${text}` }, bearer(text)]) {
      const answer = gateway.fetch(new Request('http://gateway.test/auth', { headers }));
      expect(answer).toBeInstanceOf(Response);
      expect((answer as Response).headers.get('x-auth-jid')).toBe(JID);
    }
  });

  it('is found at any place among many cookies of its name', async () => {
    const { begin, ask } = await withSession();
    const { text } = await begin('bearer');
    const name = '__Host-totp-token';
    const others = ['', 'x', '..', text.slice(1), text.slice(0, -1), `${text}.`, `"${text}"`];
    const cookies = others.map((value) => `${name}=${value}`);
    for (const at of [0, 3, cookies.length]) {
      const cookie = [...cookies.slice(0, at), `${name}=${text}`, ...cookies.slice(at)].join('; ');
      expect((await ask('/auth', { headers: { cookie } })).status).toBe(200);
    }
    const twice = `${name}=${text}; ${name}=${text}`;
    expect((await ask('/auth', { headers: { cookie: twice } })).status).toBe(200);
    expect((await ask('/auth', { headers: { cookie: cookies.join('; ') } })).status).toBe(401);
  });

  it('is found in 100 kB of cookies, and 100 kB without a session are refused', async () => {
    const { begin, ask } = await withSession();
    const { text } = await begin('bearer');
    const [start = ''] = text.split('.');
    for (const value of ['x', `${start}.`, text, `${text}; __Host-totp-token=`]) {
      const cookie = `__Host-totp-token=${value.repeat(1 + Math.ceil(100_000 / value.length))}`;
      const { status } = await ask('/auth', { headers: { cookie } });
      expect(status).toBe(value.includes(';') ? 200 : 401);
    }
  });

  it('uses up the token that begins it', async () => {
    const { begin, post } = await withSession();
    const token = freshToken();
    await begin('bearer', token);
    expect((await post('/v1/session', { jid: JID, token })).status).toBe(401);
    expect((await post('/v1/verify', { jid: JID, token })).status).toBe(401);
  });

  it('ends after the seconds that are set', async () => {
    const { begin, admits, clock } = await withSession({ sessions: { seconds: 60 } });
    const { text } = await begin('bearer');
    clock.timeMs += 59_000;
    expect(await admits(text)).toBe(true);
    clock.timeMs += 2000;
    expect(await admits(text)).toBe(false);
  });

  it('ends by logout, and no other session ends with it', async () => {
    const { begin, admits, ask } = await withSession();
    const [one, two] = [await begin('bearer'), await begin('cookie')];
    const answer = await ask('/v1/session', { method: 'DELETE', headers: bearer(one.text) });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=0');
    expect([await admits(one.text), await admits(two.text)]).toEqual([false, true]);
    await ask('/v1/session', { method: 'DELETE', headers: { cookie: two.cookie!.split(';')[0]! } });
    expect(await admits(two.text)).toBe(false);
  });

  it('ends when its key is removed, and not when a key is added', async () => {
    const { begin, admits, gateway } = await withSession();
    const { text } = await begin('bearer');
    await gateway.setHosts({ 'example.com': [OTHER_KEYS, KEYS], 'more.example': KEYS });
    expect(await admits(text)).toBe(true);
    await gateway.setHosts({ 'example.com': OTHER_KEYS });
    expect(await admits(text)).toBe(false);
    await gateway.setHosts({ 'example.com': KEYS });
    expect(await admits(text)).toBe(true);
    await gateway.setHosts({ 'more.example': KEYS });
    expect(await admits(text)).toBe(false);
  });

  it('is answered with its account at GET /v1/session', async () => {
    const { begin, ask } = await withSession();
    const { text } = await begin('bearer');
    expect(await (await ask('/v1/session', { headers: bearer(text) })).json()).toMatchObject({
      ok: true,
      jid: JID,
    });
    expect((await ask('/v1/session')).status).toBe(401);
  });

  it('stays valid under a new configuration and at another gateway with the same secret', async () => {
    const { begin, admits, gateway } = await withSession();
    const { text } = await begin('bearer');
    gateway.configure({ realm: 'other' });
    expect(await admits(text)).toBe(true);
    expect(await (await withSession()).admits(text)).toBe(true);
    expect(await (await harness()).ask('/auth', { headers: bearer(text) })).toMatchObject({
      status: 401,
    });
  });

  it('cannot begin when sessions are switched off', async () => {
    const { post } = await withSession({ sessions: false });
    expect((await post('/v1/session', { jid: JID, token: freshToken() })).status).toBe(404);
  });

  it('cannot begin by a form, which another site could send, unless origins are listed', async () => {
    const { ask } = await withSession();
    const body = new URLSearchParams({ jid: JID, token: freshToken() });
    expect((await ask('/v1/session', { method: 'POST', body })).status).toBe(415);
  });
});

describe('sessions', () => {
  const sessions = (settings: Partial<SessionSettings> = {}) =>
    new Sessions({ ...DEFAULT_SESSIONS, ...settings }, new SessionJwt(SECRET), {
      ended: new EndedInMemory(),
      keyIds: () => new Map([['example.com', ['one']]]),
      clock: () => 1000,
    });

  it('of an unknown key are refused, even with a valid signature', () => {
    const jwt = new SessionJwt(SECRET);
    const times = { began: 0, expires: 900, loggedIn: 0, renewTill: 900 };
    const claims = { jid: 'alice@example.com', id: 'x', ...times };
    expect(sessions().find(jwt.write({ ...claims, key: 'one' }))).toMatchObject({ id: 'x' });
    for (const [jid, key] of [
      ['alice@example.com', 'two'],
      ['alice@example.com', ''],
      ['alice@example.com', 'length'],
      ['alice@gone.example', 'one'],
      ['example.com', 'two'],
      ['', 'one'],
    ] as const)
      expect(sessions().find(jwt.write({ ...claims, jid, key }))).toBeNull();
  });

  it('end at the second of their expiry', () => {
    let timeMs = 1000;
    const all = new Sessions(DEFAULT_SESSIONS, new SessionJwt(SECRET), {
      ended: new EndedInMemory(),
      keyIds: () => new Map([['example.com', ['one']]]),
      clock: () => timeMs,
    });
    const text = all.begin('alice@example.com', 'example.com', 'one')!;
    for (const [at, isOn] of [
      [900_999, true],
      [901_000, false],
      [1000, true],
      [2 ** 52, false],
    ] as const) {
      timeMs = at;
      expect(all.find(text) !== null).toBe(isOn);
    }
  });

  it.each([
    ['no', false, true],
    ['yes', true, false],
    ['nothing', undefined, false],
    ['a zero', 0, false],
  ])('whose end the store answers with %s (%j) are valid: %j', async (_what, answer, isOn) => {
    for (const hasEnded of [() => answer, async () => answer] as const) {
      const all = new Sessions(DEFAULT_SESSIONS, new SessionJwt(SECRET), {
        ended: { end() {}, hasEnded: hasEnded as () => boolean | Promise<boolean> },
        keyIds: () => new Map([['example.com', ['one']]]),
        clock: () => 1000,
      });
      const text = all.begin('alice@example.com', 'example.com', 'one')!;
      expect((await all.find(text)) !== null).toBe(isOn);
      expect((await all.findFirst(['x', text])) !== null).toBe(isOn);
      expect((await all.findFirst([text, 'x'])) !== null).toBe(isOn);
    }
  });

  it('are refused if they expire or lose their key while the store is asked', async () => {
    for (const change of ['time', 'key', 'none'] as const) {
      let answer = (_: boolean) => {};
      const asked = new Promise<boolean>((resolve) => {
        answer = resolve;
      });
      let [timeMs, key] = [1000, 'one'];
      const all = new Sessions(DEFAULT_SESSIONS, new SessionJwt(SECRET), {
        ended: { end() {}, hasEnded: () => asked },
        keyIds: () => new Map([['example.com', [key]]]),
        clock: () => timeMs,
      });
      const found = all.find(all.begin('alice@example.com', 'example.com', 'one')!);
      if (change === 'time') timeMs = 901_000;
      if (change === 'key') key = 'two';
      answer(false);
      expect((await found) !== null).toBe(change === 'none');
    }
  });

  it('do not begin under a key or a host that was removed since the verdict', async () => {
    expect(sessions().begin(JID, 'example.com', 'one')).toEqual(expect.any(String));
    expect(sessions().begin(JID, 'example.com', 'two')).toBeNull();
    expect(sessions().begin(JID, 'gone.example', 'one')).toBeNull();
  });

  it('take a key by its index only if it is the same key before and after a rotation', () => {
    const before = new Map([['example.com', ['one']]]);
    expect(sessions().keyAt('example.com', 0, before)).toBe('one');
    expect(sessions().keyAt('example.com', 1, before)).toBeUndefined();
    expect(
      sessions().keyAt('example.com', 0, new Map([['example.com', ['two', 'one']]])),
    ).toBeUndefined();
    expect(sessions().keyAt('example.com', 0, new Map())).toBe('one');
    expect(sessions().keyAt('gone.example', 0, before)).toBeUndefined();
  });

  it('set and delete their cookie for the domain that is set', () => {
    const shared = sessions({
      cookie: '__Secure-t',
      domain: 'example.com',
      sameSite: 'Strict',
      seconds: 60,
    });
    expect(shared.cookie('x.y.z')).toBe(
      '__Secure-t=x.y.z; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict; Domain=example.com',
    );
    expect(shared.cookie(undefined)).toBe(
      '__Secure-t=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict; Domain=example.com',
    );
  });
});

describe('the JWT of a session', () => {
  it.each([
    ['another secret', {}, { alg: 'HS256', typ: 'totp-session+jwt' }, new Uint8Array(32)],
    ['another type', {}, { alg: 'HS256', typ: 'JWT' }, SECRET],
    ['another algorithm', {}, { alg: 'HS512', typ: 'totp-session+jwt' }, SECRET],
    ['another issuer', { iss: 'someone' }, { alg: 'HS256', typ: 'totp-session+jwt' }, SECRET],
    ['no expiry', { exp: undefined }, { alg: 'HS256', typ: 'totp-session+jwt' }, SECRET],
    ['another key', { key: 'AAAA' }, { alg: 'HS256', typ: 'totp-session+jwt' }, SECRET],
    [
      'an account that is not a string',
      { sub: { length: 9 } },
      { alg: 'HS256', typ: 'totp-session+jwt' },
      SECRET,
    ],
    ['an id that is not a string', { jti: {} }, { alg: 'HS256', typ: 'totp-session+jwt' }, SECRET],
    [
      'another host',
      { sub: 'alice@more.example' },
      { alg: 'HS256', typ: 'totp-session+jwt' },
      SECRET,
    ],
  ])('is refused if it is signed again with %s', async (_what, change, header, secret) => {
    const { begin, admits, clock } = await withSession();
    const { text } = await begin('bearer');
    const { payload } = await jwtVerify(text, SECRET, { currentDate: new Date(clock.timeMs) });
    const again = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: 'totp-session+jwt' })
      .sign(SECRET);
    expect(await admits(again)).toBe(true);
    const forged = JSON.parse(JSON.stringify({ ...payload, ...change }));
    expect(await admits(await new SignJWT(forged).setProtectedHeader(header).sign(secret))).toBe(
      false,
    );
  });

  it('holds no part of the keys', async () => {
    const { begin } = await withSession();
    const claims = Buffer.from((await begin('bearer')).text.split('.')[1]!, 'base64url').toString();
    expect(Object.keys(JSON.parse(claims)).sort()).toEqual([
      ...['auth_time', 'exp', 'iat', 'iss', 'jti', 'key', 'renew_till', 'sub'],
    ]);
    expect(claims).not.toContain(KEYS.tokenSecret.slice(0, 8));
  });
});

describe('ended sessions in memory', () => {
  it('are bounded: when there is no room, all sessions so far end', () => {
    const ended = new EndedInMemory(2);
    ended.end('a', 200, 100);
    ended.end('b', 150, 100);
    expect([ended.hasEnded('a', 90), ended.hasEnded('c', 90)]).toEqual([true, false]);
    // Session b has expired meanwhile and makes room.
    ended.end('c', 300, 160);
    expect([ended.size, ended.hasEnded('b', 90)]).toEqual([2, false]);
    ended.end('d', 300, 170);
    expect([ended.size, ended.hasEnded('x', 170), ended.hasEnded('x', 171)]).toEqual([
      0,
      true,
      false,
    ]);
  });

  it('need no more room when a session ends twice', () => {
    const ended = new EndedInMemory(1);
    ended.end('a', 200, 100);
    ended.end('a', 200, 101);
    expect([ended.hasEnded('a', 90), ended.hasEnded('x', 90)]).toEqual([true, false]);
  });

  it('can be handed to a process that starts later', () => {
    const ended = new EndedInMemory(2);
    ended.end('a', 100, 10);
    expect([[...ended.entries()], ended.allUpTo]).toEqual([[['a', 100]], Number.NEGATIVE_INFINITY]);
    ended.end('b', 100, 11);
    ended.end('c', 100, 12);
    const later = new EndedInMemory(2);
    later.end('d', 100, 11);
    later.endAll(ended.allUpTo);
    // An older time takes nothing back.
    later.endAll(5);
    expect([later.allUpTo, later.size]).toEqual([12, 0]);
    for (const id of ['a', 'b', 'c', 'd']) expect(later.hasEnded(id, 12)).toBe(true);
    expect(later.hasEnded('e', 13)).toBe(false);
  });

  it('make room at the moment of their expiry', () => {
    const ended = new EndedInMemory(1);
    ended.end('a', 150, 100);
    ended.end('b', 300, 150);
    expect([ended.hasEnded('a', 90), ended.hasEnded('b', 90)]).toEqual([false, true]);
  });
});

describe('the token of a session', () => {
  it('may be of any step in the window', async () => {
    const { begin } = await withSession();
    for (const step of [STEP - 1, STEP + 1])
      await begin('bearer', tokenOf({ step, nonce: 999_999 }));
  });
});
