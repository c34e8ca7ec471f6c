/** What is read from headers, apart from what becomes of it. */
import { describe, expect, it } from 'vitest';
import {
  cookieOf,
  jidOfUser,
  parseAuthorization,
  sameSecret,
} from '../../../src/gateway/http/credentials.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('Authorization', () => {
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
  ])('%s', (header, credentials) => expect(parseAuthorization(header)).toEqual(credentials));

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
  ])('%s: none', (header) => expect(parseAuthorization(header)).toBeNull());
});

it('a user is a whole jid, or one of the default host, or nobody', () => {
  expect(jidOfUser('a@b', 'c')).toBe('a@b');
  expect(jidOfUser('a', 'c')).toBe('a@c');
  expect(jidOfUser('a', undefined)).toBeNull();
});

it.each<[string | null | undefined, string | undefined]>([
  ['s=1', '1'],
  ['other=0; s=1;t=2', '1'],
  ['st=0; s=1', '1'],
  ['xs=0;s=', ''],
  ['st=0; s', undefined],
  ['x=s=1', undefined],
  ['abc; t=1', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('cookie s of %s', (header, value) => expect(cookieOf(header, 's')).toBe(value));

it('secrets are the same or not, wherever they differ', async () => {
  expect(await sameSecret('a secret', 'a secret')).toBe(true);
  for (const other of ['', 'b secret', 'a secreu', 'a secret ', 'a']) {
    expect(await sameSecret(other, 'a secret')).toBe(false);
  }
});
