/** extauth: where the parts of a question end, and that each attempt is counted. */
import { beforeAll, describe, expect, it } from 'vitest';
import { answerExtauth } from '../../../../src/gateway/protocols/extauth.js';
import { KEYS, STEP, tokenOf } from '../../token/reference.js';
import { freshToken, type Harness, harness } from '../harness.js';

const HOSTS = ['example.com', '[::1]', '[2001:db8::42]', '192.0.2.7'];
let gateway: Harness;
beforeAll(async () => {
  gateway = await harness({ hosts: Object.fromEntries(HOSTS.map((host) => [host, KEYS])) });
});

async function ask(text: string | Buffer): Promise<boolean> {
  const bytes = Buffer.from(text as string);
  async function* input() {
    yield Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  }
  const check = (jid: string, token: string) =>
    gateway.gateway.checker.check(jid, token, 'extauth');
  const answers = answerExtauth(input(), {
    check,
    refuse: (why) => gateway.gateway.checker.refuse('extauth', why),
    hosts: () => gateway.gateway.verifier.hosts,
  });
  const { value } = await answers.next();
  return value?.[3] === 1;
}

/** The verdicts that the observer was told of meanwhile. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
  const before = gateway.told.length;
  await work();
  return gateway.told.slice(before).map(({ verdict }) => verdict.code);
}

describe.each(HOSTS)('a user of %s', (host) => {
  const jid = `alice@${host}`;

  it('is accepted once with a token of that host', async () => {
    const question = `auth:alice:${host}:${freshToken(jid)}`;
    expect(await ask(question)).toBe(true);
    expect(await told(() => ask(question))).toEqual(['replayed']);
  });

  it('is refused with the token of another host', async () => {
    const token = freshToken(host === 'example.com' ? 'alice@[::1]' : 'alice@example.com');
    expect(await ask(`auth:alice:${host}:${token}`)).toBe(false);
  });

  it('exists, and a user of a host without keys does not', async () => {
    expect(await ask(`isuser:alice:${host}`)).toBe(true);
    expect(await ask(`isuser:alice:${host}x`)).toBe(false);
    expect(await ask(`isuser:alice:${host}:`)).toBe(false);
    expect(await ask(`isuser:alice:${host}:x`)).toBe(false);
  });

  it.each([
    ['a colon at its end', (token: string) => `${token}:`],
    ['a colon before it', (token: string) => `:${token}`],
    ['colons in it', () => 'a:b:c'],
    ['a host in it', () => 'b:[::1]:c'],
    ['a bracket in it', () => ']:x'],
    ['no characters', () => ''],
    ['a line end in it', () => 'a\nb'],
  ])(
    'is refused with a password that has %s, counted once, and uses up no token',
    async (_, password) => {
      const token = freshToken(jid);
      const text = `auth:alice:${host}:${password(token)}`;
      expect(await told(async () => expect(await ask(text)).toBe(false))).toEqual(['malformed']);
      expect(await ask(`auth:alice:${host}:${token}`)).toBe(true);
    },
  );
});

it('reports a wrong token with the jid that it was sent for', async () => {
  const token = tokenOf({ jid: 'bob@[::1]', keys: KEYS, step: STEP, nonce: 1 });
  expect(await told(() => ask(`auth:alice:[::1]:${token}`))).toEqual(['bad-signature']);
  expect(gateway.told.at(-1)).toMatchObject({ protocol: 'extauth', jid: 'alice@[::1]' });
});

it.each([
  ['no parts', 'auth:'],
  ['a user and nothing else', 'auth:alice'],
  ['no password', 'auth:alice:example.com'],
  ['a bracket that does not end', 'auth:alice:[::1:x'],
  ['a character after the bracket', 'auth:alice:[::1]0:x'],
  ['a host without its brackets', 'auth:alice:::1:x'],
  ['an empty host', 'auth:alice::x'],
  ['an empty user', 'auth::example.com:x'],
  ['a second @', 'auth:alice@example.com:example.com:x'],
  ['bytes that are not UTF-8', Buffer.from('auth:al\xffice:example.com:x', 'latin1')],
  ['a password of 65,000 bytes', `auth:alice:example.com:${'x'.repeat(65_000)}`],
])('refuses and counts an attempt with %s', async (_, text) => {
  expect(await told(async () => expect(await ask(text)).toBe(false))).toEqual(['malformed']);
});

it.each(['authx', 'auth', 'isuser', 'isuserx', ':auth:alice:example.com:x'])(
  'says no to %s, and counts it as a question that cannot be read',
  async (text) => {
    expect(await told(async () => expect(await ask(text)).toBe(false))).toEqual(['malformed']);
    expect(gateway.told.at(-1)?.reason).toBe('unreadable-question');
  },
);
