/** What a verifier or an issuer prints: what it knows, and no secret. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createGuardedVerifier,
  createIssuer,
  createVerifier,
  type HostKeys,
} from '../../../src/index.js';
import { JID, KEYS, STEP, tokenOf } from './reference.js';

const clock = () => STEP * 30_000;
const guard = { remember: async () => [] };
const replay = { capacity: 10 };
const hosts = { 'example.com': KEYS, 'two.example': [KEYS, KEYS] };

const denoText = (object: object) =>
  ((object as never)[Symbol.for('Deno.customInspect')] as () => string).call(object);

describe.each([
  [
    'TokenVerifier',
    () => createVerifier({ hosts, clock, replay }),
    { remembered: 0, capacity: 10 },
  ],
  [
    'GuardedVerifier',
    () => createGuardedVerifier({ hosts, clock, replay, guard }),
    { remembered: 0, capacity: 10 },
  ],
  ['TokenIssuer', () => createIssuer({ hosts, clock }), {}],
] as const)('%s', (name, make, more) => {
  it('prints its name, its hosts and its memory in Node, Bun and Deno', async () => {
    const owner = await make();
    const memory = name === 'TokenIssuer' ? '' : ', remembered: 0, capacity: 10';
    const text = `${name} { hosts: ["example.com","two.example"]${memory} }`;
    expect([`${owner}`, inspect(owner), denoText(owner)]).toEqual([text, text, text]);
    expect(Object.prototype.toString.call(owner)).toBe(`[object ${name}]`);
  });

  it('prints its name behind a proxy, which has none of its private fields', async () => {
    const proxy = new Proxy(await make(), {});
    const text = `[object ${name}]`;
    expect([inspect(proxy), denoText(proxy)]).toEqual([text, text]);
  });

  it('is the same facts in JSON', async () => {
    const owner = await make();
    const facts = { hosts: ['example.com', 'two.example'], ...more };
    expect(JSON.parse(JSON.stringify({ owner }))).toEqual({ owner: facts });
  });

  it('names eight hosts at most, and how many more there are', async () => {
    const owner = await make();
    for (let i = 0; i < 10; i++) owner.setHost(`h${i}.example`, KEYS);
    expect(`${owner}`).toContain('"h5.example","and 4 more"]');
  });

  it('says after its end that it was disposed of', async () => {
    const owner = await make();
    owner.dispose();
    const text = `${name} { disposed: true }`;
    expect([`${owner}`, inspect(owner), JSON.stringify(owner)]).toEqual([
      text,
      text,
      '{"disposed":true}',
    ]);
  });
});

it('a verifier counts the accepted tokens that it remembers, and prints none of them', async () => {
  const verifier = await createVerifier({ hosts, clock, replay });
  const tokens = [tokenOf(), tokenOf({ nonce: 1, step: STEP - 1 })];
  for (const token of tokens) verifier.verify(JID, token);
  expect(`${verifier}`).toContain('remembered: 2');
  const secrets = [KEYS.otpSeed, KEYS.tokenSecret, ...tokens, 'alice'];
  const views = [`${verifier}`, inspect(verifier, { depth: 9, showHidden: true })];
  for (const secret of secrets) for (const view of views) expect(view).not.toContain(secret);
});

describe('a host, seed or secret from a variable that is not set', () => {
  const field = 'hosts["example.com"]';
  const keys = (changed: Partial<Record<keyof HostKeys, unknown>>) => ({
    'example.com': { ...KEYS, ...changed },
  });
  it.each([
    ['an undefined seed', keys({ otpSeed: undefined }), `${field}.otpSeed`, 'is undefined'],
    ['an empty seed', keys({ otpSeed: '' }), `${field}.otpSeed`, 'is empty'],
    ['a null seed', keys({ otpSeed: null }), `${field}.otpSeed`, 'is null'],
    [
      'an undefined secret',
      keys({ tokenSecret: undefined }),
      `${field}.tokenSecret`,
      'is undefined',
    ],
    ['an empty secret', keys({ tokenSecret: '' }), `${field}.tokenSecret`, 'is empty'],
    [
      'both',
      keys({ otpSeed: undefined, tokenSecret: undefined }),
      `${field}.otpSeed`,
      'is undefined',
    ],
    ['undefined keys', { 'example.com': undefined }, field, 'is undefined'],
    ['an undefined host', { [`${undefined}`]: KEYS }, 'hosts["undefined"]', 'is undefined'],
    ['an empty host', { '': KEYS }, 'hosts[""]', 'is empty'],
  ])('is named as such: %s', async (_, given, field, fault) => {
    for (const create of [createVerifier, createIssuer]) {
      await expect(create({ hosts: given as never })).rejects.toMatchObject({
        ...{ code: 'ERR_OPTION', field, fault },
        fix: expect.stringMatching(/^is the variable set\? write /),
      });
    }
  });

  it('is named by setHost too, which changes nothing', async () => {
    const verifier = await createVerifier({ hosts, clock, replay });
    expect(() => verifier.setHost(undefined as never, KEYS)).toThrow(
      'hosts[undefined]: is undefined; is the variable set?',
    );
    expect(() => verifier.setHost('example.com', {} as never)).toThrow(
      'otpSeed: is undefined; is the variable set?',
    );
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });
});
