/** The listener for operators: health, metrics and sessions, apart from the public one. */
import { describe, expect, it } from 'vitest';
import { EndedInMemory } from '../../../src/gateway/session/ended.js';
import { basic, bearer, freshToken, HOSTS, harness, ISSUE_SECRET } from '../gateway/harness.js';
import { JID, KEYS } from '../token/reference.js';
import { post, started } from './server-harness.js';

const OPERATORS = '[metrics]\nlisten = "127.0.0.1:0"\n';

async function both(text = OPERATORS) {
  const server = await started(text, {
    issueSecret: ISSUE_SECRET,
    hosts: { ...HOSTS, 'other.example': KEYS },
  });
  const { operators = '' } = server.running;
  const login = async (jid = JID): Promise<Record<string, string>> => {
    const body = { jid, token: freshToken(jid), transport: 'bearer' };
    const answer = await post(`${server.url}/v1/session`, body);
    return bearer(((await answer.json()) as { session: string }).session);
  };
  const isOn = async (headers: Record<string, string>) =>
    (await fetch(`${server.url}/auth`, { headers })).ok;
  const operate = async (path: string, body?: unknown, headers = bearer(ISSUE_SECRET)) => {
    const url = operators + path;
    const answer = await (body === undefined ? fetch(url, { headers }) : post(url, body, headers));
    return { status: answer.status, body: await answer.json() };
  };
  return { server, operators, login, isOn, operate };
}

describe('metrics.listen', () => {
  it('serves what is for operators alone, and the public listener keeps the rest', async () => {
    const { server, operators } = await both();
    const status = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;
    const paths = [
      '/healthz',
      '/readyz',
      '/metrics',
      '/sessions',
      '/openapi.json',
      '/auth',
      '/v1/issue',
    ];
    const of = async (base: string) =>
      Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, await status(base + path)])),
      );
    expect(await of(operators)).toEqual({
      '/healthz': 200,
      '/readyz': 200,
      '/metrics': 200,
      '/sessions': 401,
      '/openapi.json': 200,
      '/auth': 404,
      '/v1/issue': 404,
    });
    expect(await of(server.url)).toEqual({
      '/healthz': 200,
      '/readyz': 200,
      '/metrics': 404,
      '/sessions': 404,
      '/openapi.json': 200,
      '/auth': 401,
      '/v1/issue': 405,
    });
    expect((await (await fetch(`${server.url}/openapi.json`)).json()).paths).not.toHaveProperty(
      '/metrics',
    );
    expect(
      Object.keys((await (await fetch(`${operators}/openapi.json`)).json()).paths).sort(),
    ).toEqual([
      '/healthz',
      '/metrics',
      '/openapi.json',
      '/readyz',
      '/sessions',
      '/sessions/revoke',
    ]);
    // A wrong method is told the right ones here, too.
    const wrong = await fetch(`${operators}/sessions/revoke`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    // What operators ask is no request to the service.
    expect(await (await fetch(`${operators}/metrics`)).text()).not.toMatch(
      /http_responses_total\{status="405"\} [2-9]/,
    );
  });

  it('has no sessions to look at without the issue secret', async () => {
    const server = await started(OPERATORS);
    expect((await fetch(`${server.running.operators}/sessions`)).status).toBe(404);
    expect((await fetch(`${server.running.operators}/metrics`)).status).toBe(200);
  });

  it('takes the issue secret alone, and tells of every other attempt', async () => {
    const { server, operate, login, isOn } = await both();
    const session = await login();
    for (const headers of [{}, bearer(`${ISSUE_SECRET}x`), basic('x', ISSUE_SECRET), session]) {
      expect(
        (await operate('/sessions', undefined, headers as Record<string, string>)).status,
      ).toBe(401);
      expect(
        (await operate('/sessions/revoke', { jid: JID }, headers as Record<string, string>)).status,
      ).toBe(401);
    }
    expect(await isOn(session)).toBe(true);
    const told = server.lines().filter(({ protocol }) => protocol === 'operator');
    expect(told.map(({ reason }) => reason)).toEqual([
      ...Array(2).fill('no-credentials'),
      ...Array(6).fill('wrong-secret'),
    ]);
  });
});

describe('the revocation of an account', () => {
  it('ends all its sessions so far, no other’s, and none that begins later', async () => {
    const { server, operate, login, isOn } = await both();
    const [first, second, other] = [
      await login(),
      await login(),
      await login('alice@other.example'),
    ];
    server.clock.timeMs += 1000;
    const upTo = Math.floor(server.clock.timeMs / 1000);
    const revoked = { jid: JID, upTo, until: upTo + 30 * 86_400 };
    // In any spelling of the name.
    expect(await operate('/sessions/revoke', { jid: 'Alice@EXAMPLE.com' })).toEqual({
      status: 200,
      body: revoked,
    });
    expect([await isOn(first), await isOn(second), await isOn(other)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await operate('/sessions')).toEqual({
      status: 200,
      body: { seconds: 900, ended: 0, revoked: [revoked], allUpTo: null },
    });
    server.clock.timeMs += 1000;
    expect(await isOn(await login())).toBe(true);
    // For as long as a session could have lasted.
    expect(server.lines().some(({ msg, jid }) => msg === 'sessions-revoked' && jid === JID)).toBe(
      true,
    );
    server.clock.timeMs = revoked.until * 1000;
    expect((await operate('/sessions')).body).toMatchObject({ revoked: [] });
  });

  it('is refused for what is no account, and changes nothing', async () => {
    const { operate, login, isOn } = await both();
    const session = await login();
    for (const body of [{ jid: 'example.com' }, { jid: 'a b@example.com' }, {}, { jid: 1 }])
      expect((await operate('/sessions/revoke', body)).status).toBe(400);
    expect(await isOn(session)).toBe(true);
  });

  it('is answered 501 where the store of ended sessions cannot do it', async () => {
    const endedSessions = { end() {}, hasEnded: () => false };
    const { gateway } = await harness({ issueSecret: ISSUE_SECRET, endedSessions });
    const headers = { ...bearer(ISSUE_SECRET), 'content-type': 'application/json' };
    const ask = async (path: string, init: RequestInit) =>
      (await gateway.operate(new Request(`http://gateway.test${path}`, { headers, ...init })))
        .status;
    expect(await ask('/sessions', {})).toBe(501);
    const body = JSON.stringify({ jid: JID });
    expect(await ask('/sessions/revoke', { method: 'POST', body })).toBe(501);
  });

  it('is remembered for the longest session of any configuration so far', async () => {
    const { gateway, clock } = await harness({
      issueSecret: ISSUE_SECRET,
      sessions: { seconds: 3_000_000 },
    });
    gateway.configure({ issueSecret: ISSUE_SECRET, sessions: { seconds: 60 } });
    const answer = await gateway.operate(
      new Request('http://gateway.test/sessions/revoke', {
        method: 'POST',
        headers: { ...bearer(ISSUE_SECRET), 'content-type': 'application/json' },
        body: JSON.stringify({ jid: JID }),
      }),
    );
    const upTo = Math.floor(clock.timeMs / 1000);
    expect(await answer.json()).toEqual({ jid: JID, upTo, until: upTo + 3_000_000 });
  });
});

describe('revocations in memory', () => {
  const many = (count: number, upTo: number, until: number) => {
    const ended = new EndedInMemory();
    for (let i = 0; i < count; i++) ended.revoke({ jid: `u${i}@x`, upTo, until }, upTo);
    return ended;
  };

  it('end all sessions so far when there is no more room, so none is forgotten', () => {
    const ended = many(10_000, 100, 200);
    expect(ended.hasEnded('id', 100, 150, 'free@x')).toBe(false);
    ended.revoke({ jid: 'one-more@x', upTo: 150, until: 250 }, 150);
    for (const jid of ['u0@x', 'u9999@x', 'one-more@x', 'free@x'])
      expect(ended.hasEnded('id', 150, 151, jid), jid).toBe(true);
    expect(ended.hasEnded('id', 151, 151, 'one-more@x')).toBe(false);
    expect(ended.list(151)).toEqual({ ended: 0, revoked: [], allUpTo: 150 });
  });

  it('make room by those that are over', () => {
    const ended = many(10_000, 100, 200);
    ended.revoke({ jid: 'one-more@x', upTo: 200, until: 300 }, 200);
    expect(ended.hasEnded('id', 200, 201, 'free@x')).toBe(false);
    expect(ended.hasEnded('id', 200, 201, 'one-more@x')).toBe(true);
  });

  it('of one account that cross each other both count', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const ended = new EndedInMemory();
      const both = [
        { jid: 'a@x', upTo: 100, until: 900 },
        { jid: 'a@x', upTo: 200, until: 800 },
      ];
      for (const i of order) ended.revoke(both[i]!, 200);
      expect(ended.list(200).revoked).toEqual([{ jid: 'a@x', upTo: 200, until: 900 }]);
    }
  });
});
