/** No attempt is refused without a word: each is told once, with its protocol and its reason. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/gateway/contract.js';
import { answerExtauth } from '../../../src/gateway/protocols/extauth.js';
import { tryMessage } from '../../../src/gateway/protocols/sasl-attempt.js';
import { SpoeQuestion } from '../../../src/gateway/protocols/spoe-question.js';
import { type Refusal, whyMalformed } from '../../../src/gateway/refusal.js';
import { JID } from '../token/reference.js';
import { basic, bearer, freshToken, type Harness, harness, ISSUE_SECRET } from './harness.js';

let gateway: Harness;
beforeAll(async () => {
  gateway = await harness({ issueSecret: ISSUE_SECRET });
});
beforeEach(() => void gateway.told.splice(0));

const told = () =>
  gateway.told.map(({ protocol, verdict, reason }) => [protocol, verdict.code, reason]);
const once = (protocol: Protocol, reason: Refusal) => [[protocol, 'malformed', reason]];

const cookie = (text: string) => ({ cookie: `__Host-totp-token=${text}` });
const form = (text: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: text,
});
const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const operator = (authorization?: string): RequestInit => ({
  ...json({ jid: JID }),
  headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
});
const JWT = 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA';

/** Credentials that `/auth` and HAProxy's questions refuse alike. */
const CREDENTIALS: readonly [string, Record<string, string>, Refusal][] = [
  ['Basic that is no base64', { authorization: 'Basic %%%' }, 'unreadable-credentials'],
  ['Basic without a colon', { authorization: `Basic ${btoa('alice')}` }, 'unreadable-credentials'],
  [
    'Basic of bytes that are no UTF-8',
    { authorization: 'Basic //86eA==' },
    'unreadable-credentials',
  ],
  ['Basic without anything', { authorization: 'Basic ' }, 'unreadable-credentials'],
  ['another scheme', { authorization: 'Digest username="alice"' }, 'unknown-scheme'],
  ['a localpart without a host', basic('alice', 'x'), 'no-host'],
  ['a Bearer that is no session', bearer(JWT), 'bad-session'],
  ['a cookie that is no session', cookie(JWT), 'bad-session'],
  ['a name that cannot be one', basic('a b@example.com', 'x'), 'bad-jid'],
  ['no token', basic(JID, ''), 'no-token'],
  ['a password in place of a token', basic(JID, 'secret'), 'token-form'],
  ['a token of too few digits', basic(JID, `123 ${'A'.repeat(43)}=`), 'token-length'],
];

describe('an attempt over HTTP', () => {
  it.each(CREDENTIALS)('at /auth with %s is told', async (_, headers, reason) => {
    expect((await gateway.ask('/auth', { headers })).status).toBe(401);
    expect(told()).toEqual(once('auth', reason));
  });

  it('at /auth without any credentials is none', async () => {
    expect((await gateway.ask('/auth')).status).toBe(401);
    expect(told()).toEqual([]);
  });

  it.each<[string, string, RequestInit, number, Protocol, Refusal]>([
    ['a body that is no JSON', '/v1/verify', json('{'), 400, 'verify', 'unreadable-body'],
    ['a body that is no JSON', '/v1/session', json('{'), 400, 'session', 'unreadable-body'],
    ['no session', '/v1/session', { headers: cookie(JWT) }, 401, 'session', 'bad-session'],
    ['a wrong secret', '/v1/issue', operator('Bearer x'), 401, 'issue', 'wrong-secret'],
    ['no secret', '/v1/issue', operator(), 401, 'issue', 'no-credentials'],
    ['nothing', '/prosody/async/example.com', {}, 401, 'prosody', 'no-credentials'],
    [
      'a session',
      '/prosody/async/example.com',
      { headers: bearer(JWT) },
      401,
      'prosody',
      'unknown-scheme',
    ],
    [
      'a whole address',
      '/prosody/async/example.com',
      { headers: basic('bob@other.example', 'x') },
      401,
      'prosody',
      'other-host',
    ],
    [
      'a whole address',
      '/prosody/http/check_password',
      form('user=a@b&server=example.com&pass=x'),
      200,
      'prosody',
      'other-host',
    ],
    [
      'a field that stands twice',
      '/prosody/http/check_password',
      form('user=a&user=b&server=example.com&pass=x'),
      400,
      'prosody',
      'unreadable-body',
    ],
  ])('with %s at %s is told', async (_, path, init, status, protocol, reason) => {
    expect((await gateway.ask(path, init)).status).toBe(status);
    expect(told()).toEqual(once(protocol, reason));
  });

  it('whose body is no session to show is told nothing of without credentials', async () => {
    expect((await gateway.ask('/v1/session')).status).toBe(401);
    expect(told()).toEqual([]);
  });
});

describe('a question of HAProxy', () => {
  it.each(CREDENTIALS)('with %s is told', async (_, { authorization, cookie }, reason) => {
    const question = new SpoeQuestion(authorization, cookie, Uint8Array.of(192, 0, 2, 9));
    const [answer] = await Promise.all(gateway.gateway.answerQuestions([question]));
    expect(answer?.status).toBe(401);
    expect(told()).toEqual(once('spoe', reason));
    expect(gateway.told[0]?.from?.client).toBe('192.0.2.9');
  });

  it('without any credentials is no attempt', async () => {
    const question = new SpoeQuestion(undefined, undefined, undefined);
    await Promise.all(gateway.gateway.answerQuestions([question]));
    expect(told()).toEqual([]);
  });
});

describe('a question of ejabberd', () => {
  it.each<[string, Refusal]>([
    ['auth:al:ice:example.com:x', 'token-form'],
    ['auth:alice:example.com:a:b:c', 'token-form'],
    ['auth:alice:example.com:', 'no-token'],
    ['auth:alice:example.com', 'no-token'],
    ['auth:alice', 'bad-jid'],
    ['isuser:alice:example.com:more', 'unreadable-question'],
    ['what', 'unreadable-question'],
    ['setpass:alice:example.com:new', 'not-supported'],
    ['removeuser:alice:example.com', 'not-supported'],
  ])('%s is told as %s', async (text, reason) => {
    async function* input() {
      yield Buffer.from([0, text.length, ...Buffer.from(text)]);
    }
    const { checker, verifier } = gateway.gateway;
    const answers = answerExtauth(input(), {
      check: (jid, token) => checker.check(jid, token, 'extauth'),
      refuse: (why) => checker.refuse('extauth', why),
      hosts: () => verifier.hosts,
    });
    expect([...((await answers.next()).value ?? [])]).toEqual([0, 2, 0, 0]);
    expect(told()).toEqual(once('extauth', reason));
  });
});

describe('a SASL message of Dovecot’s clients', () => {
  const message = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

  it.each<[string, string | undefined, Refusal, string | undefined]>([
    ['no base64', undefined, 'not-base64', undefined],
    ['no bytes', '', 'empty-message', undefined],
    ['no NUL', 'alice token', 'no-nuls', undefined],
    ['one NUL', '\0alice token', 'no-nuls', undefined],
    ['bytes that are no UTF-8', '\0al\xffice\0x', 'not-utf8', undefined],
    ['a name that cannot be one', '\0a b\0x', 'bad-jid', undefined],
    ['no token', '\0alice\0', 'no-token', 'alice@example.com'],
    ['a third NUL', '\0alice\0x\0y', 'token-form', 'alice@example.com'],
    ['another host', '\0bob@other.example\0x', 'other-host', 'bob@other.example'],
    ['another authzid', 'bob@example.com\0alice\0x', 'other-authzid', 'alice@example.com'],
  ])('with %s is told with its reason, its name and its address', async (_, text, why, jid) => {
    const seen: unknown[][] = [];
    const judge = {
      check: () => {
        throw new Error('was verified');
      },
      refuse: (...what: unknown[]) => void seen.push(what),
    };
    const realm = { host: 'example.com', isFixed: true };
    const bytes = text === undefined ? undefined : message(text);
    const outcome = await tryMessage(bytes, 'PLAIN', realm, judge, '192.0.2.1');
    expect(outcome.kind).toBe('failed');
    expect(seen).toEqual([[why, jid, '192.0.2.1']]);
  });

  it('of a localpart that no host claims is told without a name', async () => {
    const seen: unknown[][] = [];
    const judge = {
      check: () => Promise.reject(new Error('was verified')),
      refuse: (...what: unknown[]) => void seen.push(what),
    };
    const realm = { host: undefined, isFixed: false };
    await tryMessage(message('\0alice\0x'), 'PLAIN', realm, judge, undefined);
    expect(seen).toEqual([['no-host', undefined, undefined]]);
  });
});

it('two fields in each other’s place are told apart from a bad name', () => {
  expect(whyMalformed(freshToken(), JID)).toBe('swapped-fields');
  expect(whyMalformed('alice', freshToken())).toBe('bad-jid');
});
