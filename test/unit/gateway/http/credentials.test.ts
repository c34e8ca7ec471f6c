/** How credentials and cookies are read from headers, and how secrets are compared. */
import { describe, expect, it } from 'vitest';
import {
  cookiesOf,
  jidOfUser,
  parseAuthorization,
  sameSecret,
} from '../../../../src/gateway/http/credentials.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the Authorization header', () => {
  it.each<[string, unknown]>([
    [`Basic ${base64('alice:t')}`, { kind: 'token', user: 'alice', token: 't' }],
    [`bAsIc   ${base64('alice:t')}  `, { kind: 'token', user: 'alice', token: 't' }],
    [`Basic ${base64('a@[::1]:t')}`, { kind: 'token', user: 'a@[::1]', token: 't' }],
    [`Basic ${base64('zoë:t')}`, { kind: 'token', user: 'zoë', token: 't' }],
    [`Basic ${base64(':t')}`, { kind: 'token', user: '', token: 't' }],
    [`Basic ${base64('alice:')}`, { kind: 'token', user: 'alice', token: '' }],
    [`Bearer ${base64('alice:t')}`, { kind: 'token', user: 'alice', token: 't' }],
    ['Bearer Pz8_On5-fg', { kind: 'token', user: '???', token: '~~~' }],
    ['Bearer  a.b.c ', { kind: 'bearer', text: 'a.b.c' }],
  ])('%j holds the credentials %j', (header, credentials) =>
    expect(parseAuthorization(header)).toEqual(credentials),
  );

  it.each([
    null,
    undefined,
    '',
    'Basic',
    `Basic ${base64('alice')}`,
    'Basic %',
    `Digest ${base64('alice:t')}`,
    'Digest a.b.c',
    `Basic ${Buffer.from('al\xffice:t', 'latin1').toString('base64')}`,
    'Bearer %',
    `Bearer ${base64('alice')}`,
  ])('%j holds no credentials', (header) => expect(parseAuthorization(header)).toBeNull());
});

it('a user without an @ belongs to the default host, or is nobody if there is none', () => {
  expect(jidOfUser('a@b', 'c')).toBe('a@b');
  expect(jidOfUser('a', 'c')).toBe('a@c');
  expect(jidOfUser('a', undefined)).toBeNull();
});

it.each<[string | null | undefined, string[]]>([
  ['s=1', ['1']],
  ['other=0; s=1;t=2', ['1']],
  ['st=0; s=1', ['1']],
  ['xs=0;s=', ['']],
  ['st=0; s', []],
  ['x=s=1', []],
  ['abc; t=1', []],
  ['s=1; s=2;s=3', ['1', '2', '3']],
  ['s=1; s=2; s=1', ['1', '2']],
  ['\ts=1;\t s=2; \t\ts=3', ['1', '2', '3']],
  ['\u00a0s=1; \u00a0s=2;\u000bs=3;\u000cs=4;\ufeffs=5;\u2003s=6', []],
  ['S=1; s =2; s\t=3; "s"=4; s', []],
  ['t=0, s=1', []],
  ['s=1, s=2', ['1, s=2']],
  ['s="1"; s=a=b', ['"1"', 'a=b']],
  [';;; ;s=1;;', ['1']],
  ['', []],
  [null, []],
  [undefined, []],
])('in the header %j the cookies named s are %j', (header, values) =>
  expect(cookiesOf(header, 's')).toEqual(values),
);

it('finds exactly the cookies that the documented expression finds', () => {
  const pattern = /(?:^|;)[ \t]*s=([^;]*)/g;
  const parts = ['s=1', 't=2', ' ', '\t', ';', '; ', '\u00a0', '\u000b', 's', '=', ',', '"', 'S=3'];
  for (let seed = 0; seed < parts.length ** 4; seed += 7) {
    const header = [seed, seed / 13, seed / 169, seed / 2197, seed / 5]
      .map((n) => parts[Math.floor(n) % 13])
      .join('');
    const removed = [...header.matchAll(pattern)].map(([, value]) => value);
    expect(cookiesOf(header, 's'), JSON.stringify(header)).toEqual([...new Set(removed)]);
  }
});

it('tells a secret from one that differs in its first or last character or its length', async () => {
  expect(await sameSecret('a secret', 'a secret')).toBe(true);
  for (const other of ['', 'b secret', 'a secreu', 'a secret ', 'a']) {
    expect(await sameSecret(other, 'a secret')).toBe(false);
  }
});
