/** A guard that cannot answer, and keys that change while it is asked. */
import { describe, expect, it } from 'vitest';
import { createGuardedVerifier, type GuardAnswer, type Hosts } from '../../../../src/index.js';
import { prepareJid } from '../../../../src/xmpp/index.js';
import { JID, KEYS, OTHER_KEYS, PERIOD_MS, STEP, tokenOf } from '../../token/reference.js';
import { basic, bearer, freshToken, HOSTS, harness } from '../harness.js';

const NOW = () => (STEP + 0.5) * PERIOD_MS;

/** A gateway around a shared guard that answers when a case says so. */
async function guarded(hosts: Hosts = HOSTS) {
  const waiting: (() => void)[] = [];
  const arrivals: (() => void)[] = [];
  const state: { answer: GuardAnswer | Error; isHeld: boolean } = {
    answer: 'fresh',
    isHeld: false,
  };
  const verifier = await createGuardedVerifier({
    hosts,
    clock: NOW,
    prepareJid,
    guard: {
      remember: async (marks) => {
        if (state.isHeld) {
          const turn = new Promise<void>((resolve) => waiting.push(resolve));
          arrivals.shift()?.();
          await turn;
        }
        if (state.answer instanceof Error) throw state.answer;
        return marks.map(() => state.answer as GuardAnswer);
      },
    },
  });
  const gateway = await harness({ hosts, verifier, sessionSecret: new Uint8Array(32).fill(7) });
  return {
    ...gateway,
    state,
    /** Settles when the guard is asked. */
    asked: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    release: () => waiting.shift()?.(),
  };
}

type Guarded = Awaited<ReturnType<typeof guarded>>;
const query = (token: string) =>
  new URLSearchParams({ user: 'alice', server: 'example.com', pass: token });

/** Every route that asks about a token. */
const ROUTES: readonly [string, (gateway: Guarded, token: string) => Promise<Response>][] = [
  ['/v1/verify', ({ post }, token) => post('/v1/verify', { jid: JID, token })],
  ['/v1/session', ({ post }, token) => post('/v1/session', { jid: JID, token })],
  ['/auth', ({ ask }, token) => ask('/auth', { headers: basic(JID, token) })],
  [
    '/prosody/async',
    ({ ask }, token) => ask('/prosody/async/example.com', { headers: basic('alice', token) }),
  ],
  ['/prosody/http', ({ ask }, token) => ask(`/prosody/http/check_password?${query(token)}`)],
];

describe('while no guard can say that a token is unused', () => {
  it.each(ROUTES)(
    '%s answers 503 with Retry-After, and without a challenge',
    async (_route, send) => {
      const gateway = await guarded();
      for (const answer of ['unavailable', 'stale', new Error('gone')] as const) {
        gateway.state.answer = answer;
        const response = await send(gateway, freshToken());
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
        expect([
          response.headers.get('www-authenticate'),
          response.headers.get('x-auth-jid'),
        ]).toEqual([null, null]);
        expect(await response.json()).toEqual({ ok: false, error: 'unavailable' });
      }
      gateway.state.answer = 'fresh';
      expect((await send(gateway, freshToken())).status).toBe(200);
    },
  );

  it.each(['unavailable', 'stale'] as const)(
    'a line of an NDJSON batch is unavailable if the guard answers %s',
    async (said) => {
      const { ask, state } = await guarded();
      state.answer = said;
      const lines = async (accept: string) => {
        const headers = { 'content-type': 'text/tab-separated-values', accept };
        const body = `${JID}\t${freshToken()}\n${JID}\tx\n`;
        return (await ask('/v1/verify/batch', { method: 'POST', body, headers })).text();
      };
      expect(await lines('application/x-ndjson')).toBe(
        '{"line":1,"ok":false,"error":"unavailable"}\n{"line":2,"ok":false}\n',
      );
      expect(await lines('text/plain')).toBe('rejected\nrejected\n');
    },
  );

  it('every other rejection is the same 401 with the same bytes', async () => {
    const { post, state } = await guarded();
    const used = freshToken();
    await post('/v1/verify', { jid: JID, token: used });
    state.answer = new Error('gone');
    const bodies = new Set<string>();
    for (const [jid, token] of [
      [JID, 'x'],
      [JID, used],
      [JID, tokenOf({ step: STEP - 9 })],
      [JID, tokenOf({ keys: OTHER_KEYS, step: STEP })],
      ['bob@example.com', freshToken()],
      ['alice@elsewhere.example', freshToken()],
    ]) {
      const response = await post('/v1/verify', { jid, token });
      expect(response.status).toBe(401);
      bodies.add(await response.text());
    }
    expect(bodies.size).toBe(1);
  });

  it('a full guard in memory is answered 503 as well', async () => {
    const { post, ask } = await harness({ replay: { capacity: 1 } });
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++) {
      statuses.add((await post('/v1/verify', { jid: JID, token: freshToken() })).status);
    }
    expect([...statuses].sort()).toEqual([200, 503]);
    expect((await ask('/readyz')).status).toBe(503);
  });
});

describe('a rotation while the guard is asked', () => {
  const hosts = (...keys: readonly (typeof KEYS)[]): Hosts => ({ 'example.com': keys });

  it.each([
    ['a new key is added before it', [OTHER_KEYS, KEYS]],
    ['a new key is added after it', [KEYS, OTHER_KEYS]],
  ])('binds the session to the key that signed its token, even if %s', async (_what, between) => {
    const gateway = await guarded(hosts(KEYS));
    gateway.state.isHeld = true;
    const asked = gateway.asked();
    const begun = gateway.post('/v1/session', {
      jid: JID,
      token: freshToken(),
      transport: 'bearer',
    });
    await asked;
    await gateway.gateway.setHosts(hosts(...between));
    gateway.release();
    const { session } = (await (await begun).json()) as { session: string };
    const admits = async () => (await gateway.ask('/auth', { headers: bearer(session) })).status;
    expect(await admits()).toBe(200);
    // The session ends with the key of its token, although the other key stays.
    await gateway.gateway.setHosts(hosts(OTHER_KEYS));
    expect(await admits()).toBe(401);
  });

  it.each([
    ['the key is replaced', hosts(OTHER_KEYS)],
    ['the host is removed', {} as Hosts],
  ])('begins no session when %s', async (_what, next) => {
    const gateway = await guarded(hosts(KEYS));
    gateway.state.isHeld = true;
    const asked = gateway.asked();
    const begun = gateway.post('/v1/session', { jid: JID, token: freshToken() });
    await asked;
    await gateway.gateway.setHosts(next);
    gateway.release();
    const answer = await begun;
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null]);
  });

  it('refuses a session whose key is removed while the store of ended sessions is asked', async () => {
    let release = () => {};
    let looked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const { gateway, ask, post } = await harness({
      endedSessions: {
        end() {},
        hasEnded: () => {
          looked();
          return new Promise((resolve) => {
            release = () => resolve(false);
          });
        },
      },
    });
    const begun = await post('/v1/session', { jid: JID, token: freshToken(), transport: 'bearer' });
    const { session } = (await begun.json()) as { session: string };
    const answer = ask('/auth', { headers: bearer(session) });
    await isAsked;
    await gateway.setHosts(hosts(OTHER_KEYS));
    release();
    expect((await answer).status).toBe(401);
  });
});

describe('hosts', () => {
  it('are those of the last call of setHosts, however long the earlier ones take', async () => {
    const { gateway, post } = await harness();
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`h${i}.example`, KEYS]));
    const first = gateway.setHosts({ ...HOSTS, ...many });
    const second = gateway.setHosts({ 'other.example': KEYS });
    await Promise.all([first, second]);
    expect(gateway.verifier.hosts).toEqual(['other.example']);
    expect((await post('/v1/verify', { jid: JID, token: freshToken() })).status).toBe(401);
  });

  it('can be set after a call that was refused', async () => {
    const { gateway } = await harness();
    const bad = gateway.setHosts({ 'example.com': { otpSeed: '!', tokenSecret: '' } });
    const good = gateway.setHosts({ 'other.example': KEYS });
    await expect(bad).rejects.toMatchObject({ code: 'ERR_OPTION' });
    await good;
    expect(gateway.verifier.hosts).toEqual(['other.example']);
  });

  it('are copied, so that later changes by the caller have no effect', async () => {
    const { gateway, post } = await harness();
    const keys = { ...KEYS };
    const list = [keys];
    const set = gateway.setHosts({ 'example.com': list });
    Object.assign(keys, OTHER_KEYS);
    list.push(OTHER_KEYS);
    await set;
    expect((await post('/v1/verify', { jid: JID, token: freshToken() })).status).toBe(200);
    const foreign = tokenOf({ keys: OTHER_KEYS, step: STEP });
    expect((await post('/v1/verify', { jid: JID, token: foreign })).status).toBe(401);
  });
});
