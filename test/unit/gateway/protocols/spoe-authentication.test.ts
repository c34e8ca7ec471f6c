/** Questions of HAProxy are answered as `/auth` answers requests with the same headers. */
import { describe, expect, it } from 'vitest';
import type { GatewayVerifier } from '../../../../src/gateway/contract.js';
import type { GatewayOptions } from '../../../../src/gateway/index.js';
import { type SpoeAnswer, SpoeQuestion } from '../../../../src/gateway/protocols/spoe-question.js';
import { createVerifier } from '../../../../src/index.js';
import { JID, STEP } from '../../token/reference.js';
import { basic, bearer, freshToken, HOSTS, harness } from '../harness.js';

type Headers = Readonly<Record<string, string>>;
const question = ({ authorization, cookie, ...said }: Headers): SpoeQuestion =>
  new SpoeQuestion(
    authorization,
    cookie,
    Uint8Array.of(192, 0, 2, 9),
    Object.fromEntries(Object.entries(said).map(([name, text]) => [name, Buffer.from(text)])),
  );

async function asking(options: GatewayOptions = {}) {
  const made = await harness({ defaultHost: 'example.com', ...options });
  const all = (...headers: Headers[]): Promise<SpoeAnswer[]> =>
    Promise.all(made.gateway.answerQuestions(headers.map(question)));
  const session = async (jid = JID) => {
    const begun = await made.post('/v1/session', { jid, token: freshToken(jid) });
    return begun.headers.get('set-cookie')!.split(';')[0]!;
  };
  return { ...made, all, session };
}

const ALICE = { status: 200, jid: JID, user: 'alice', host: 'example.com' };

describe('a question', () => {
  it('with a fresh token is answered with its account once, then with the realm’s challenge', async () => {
    const { all, told } = await asking({ realm: 'here' });
    const headers = basic('alice', freshToken());
    const refused = {
      status: 401,
      challenge: 'Basic realm="here", charset="UTF-8", Bearer realm="here"',
    };
    expect(await all(headers)).toEqual([ALICE]);
    expect(await all(headers)).toEqual([refused]);
    expect(told.map(({ protocol, verdict }) => [protocol, verdict.code])).toEqual([
      ['spoe', 'accepted'],
      ['spoe', 'replayed'],
    ]);
    expect(told.map(({ from }) => from?.client)).toEqual(['192.0.2.9', '192.0.2.9']);
  });

  it('is answered as a request to /auth with the same headers', async () => {
    const { ask, all, session } = await asking();
    const cookie = await session();
    const jwt = cookie.slice(cookie.indexOf('=') + 1);
    const user = 'я&b%';
    const cases: (() => Headers)[] = [
      () => ({}),
      () => basic('alice', freshToken()),
      () => basic('ALICE@Example.com', freshToken()),
      () => basic(user, freshToken(`${user}@example.com`)),
      () => basic('alice', freshToken(JID, STEP - 5)),
      () => basic('alice@other.example', freshToken()),
      () => basic('', ''),
      () => bearer(jwt),
      () => bearer(`${jwt}x`),
      () => bearer(Buffer.from(`${JID}:${freshToken()}`).toString('base64url')),
      () => ({ authorization: 'Basic %%%' }),
      () => ({ authorization: 'Negotiate abc' }),
      () => ({ cookie }),
      () => ({ cookie: `a=1; ${cookie}` }),
      () => ({ cookie: `a=1; ${cookie}x` }),
      () => ({ cookie: `x${cookie}`, ...basic('alice', freshToken()) }),
      () => ({ cookie: '__Host-totp-token=stale.x.y', ...basic('alice', freshToken()) }),
      () => ({ cookie, ...basic('alice', 'used up') }),
    ];
    for (const headers of cases) {
      const { status, headers: got } = await ask('/auth', { headers: headers() });
      const [answer] = await all(headers());
      expect(answer).toEqual(
        status === 200
          ? {
              status,
              jid: got.get('x-auth-jid'),
              user: got.get('x-auth-user'),
              host: got.get('x-auth-host'),
            }
          : { status, challenge: got.get('www-authenticate') },
      );
    }
  });

  it('of a person is answered with the login page, of a script without the Basic challenge', async () => {
    const { all } = await asking({
      loginUrl: 'https://login.example.com/',
      allowedOrigins: ['https://app.example.com'],
    });
    const page = { accept: 'text/html', address: 'https://app.example.com/page?x=1' };
    const quiet = { status: 401, challenge: 'Bearer realm="totp-token"' };
    const login =
      'https://login.example.com/?return_to=https%3A%2F%2Fapp.example.com%2Fpage%3Fx%3D1';
    expect(
      await all(
        { ...page, mode: 'navigate', method: 'GET' },
        { ...page, ...basic('alice', 'used up') },
        { ...page, method: 'POST' },
        { ...page, mode: 'cors' },
        { ...page, 'requested-with': 'XMLHttpRequest' },
        {},
      ),
    ).toEqual([
      { ...quiet, location: login },
      { ...quiet, location: login },
      { ...quiet, location: 'https://login.example.com/' },
      quiet,
      quiet,
      {
        status: 401,
        challenge: 'Basic realm="totp-token", charset="UTF-8", Bearer realm="totp-token"',
      },
    ]);
  });

  it('with a session that was used for half its time is answered with its renewal', async () => {
    const { all, session, clock } = await asking({ sessions: { seconds: 60, maxSeconds: 600 } });
    const cookie = await session();
    expect(await all({ cookie })).toEqual([ALICE]);
    clock.timeMs += 30_000;
    const [answer] = await all({ cookie });
    expect(answer).toMatchObject({
      ...ALICE,
      setCookie: expect.stringMatching(/^__Host-totp-token=[\w.-]+; Path=\/; Max-Age=60;/),
    });
    const renewed = (answer as { setCookie: string }).setCookie.split(';')[0]!;
    clock.timeMs += 31_000;
    expect(await all({ cookie }, { cookie: renewed })).toMatchObject([{ status: 401 }, ALICE]);
  });

  it('with a session is refused once the session has ended', async () => {
    const { all, session, ask } = await asking();
    const cookie = await session();
    expect(await all({ cookie })).toEqual([ALICE]);
    await ask('/v1/session', { method: 'DELETE', headers: { cookie } });
    expect(await all({ cookie })).toMatchObject([{ status: 401 }]);
  });

  it('with a session is refused once sessions are switched off', async () => {
    const { all, session, gateway } = await asking();
    const cookie = await session();
    gateway.configure({ sessions: false });
    expect(await all({ cookie }, bearer(cookie.split('=')[1]!))).toMatchObject([
      { status: 401 },
      { status: 401 },
    ]);
  });
});

describe('questions of one call', () => {
  it('are verified in one batch, and each gets its own answer', async () => {
    const inner = await createVerifier({ hosts: HOSTS, clock: () => (STEP + 0.5) * 30_000 });
    const sizes: number[] = [];
    const verifier: GatewayVerifier = new Proxy(inner, {
      get: (target, name) => {
        if (name === 'verifyBatch')
          return (jids: string[], tokens: string[]) => {
            sizes.push(jids.length);
            return target.verifyBatch(jids, tokens);
          };
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { all, session } = await asking({ verifier, hosts: HOSTS });
    const cookie = await session();
    const twice = basic('alice', freshToken());
    const users = ['bob', 'carol', 'dave'];
    const answers = await all(
      twice,
      {},
      ...users.map((user) => basic(user, freshToken(`${user}@example.com`))),
      twice,
      { cookie },
      basic('alice', 'bad'),
    );
    expect(answers.map((answer) => (answer.status === 200 ? answer.user : answer.status))).toEqual([
      'alice',
      401,
      'bob',
      'carol',
      'dave',
      401,
      'alice',
      401,
    ]);
    expect(sizes).toEqual([6]);
  });

  it('are answered 503 if the verifier throws or does not answer for each of them', async () => {
    const unavailable = { status: 503, retryAfter: '5' };
    const stubs: Partial<GatewayVerifier>[] = [
      { verifyBatch: () => Promise.reject(new Error('gone')) },
      {
        verifyBatch: () => {
          throw new Error('gone');
        },
      },
      // The answer covers fewer tokens than were asked about, so it counts for no token.
      {
        verifyBatch: () =>
          ({
            at: (i: number) => {
              if (i > 0) throw new RangeError('no token');
              return { ok: true, code: 'accepted' };
            },
          }) as never,
      },
    ];
    for (const stub of stubs) {
      const faults: string[] = [];
      const verifier = {
        ...{ setHost() {}, removeHost: () => true, hosts: [] },
        ...stub,
      } as unknown as GatewayVerifier;
      const codes: string[] = [];
      const { all } = await asking({
        verifier,
        observer: {
          verified: ({ verdict }) => void codes.push(verdict.code),
          batch() {},
          event() {},
          fault: (where) => void faults.push(where),
        },
      });
      const asked = [basic('alice', 'a'), basic('bob', 'b')];
      expect(await all(...asked)).toEqual([unavailable, unavailable]);
      expect([faults, codes]).toEqual([['spoe'], ['guard-unavailable', 'guard-unavailable']]);
    }
  });

  it('are answered 503 where the store of ended sessions fails, and as usual otherwise', async () => {
    const faults: string[] = [];
    const { all, session } = await asking({
      endedSessions: {
        end() {},
        hasEnded: () => Promise.reject(new Error('the store is gone')),
      },
      observer: {
        verified() {},
        batch() {},
        event() {},
        fault: (where) => void faults.push(where),
      },
    });
    const cookie = await session();
    expect(await all({ cookie }, basic('alice', freshToken()))).toEqual([
      { status: 503, retryAfter: '5' },
      ALICE,
    ]);
    expect(faults).toEqual(['spoe']);
  });
});
