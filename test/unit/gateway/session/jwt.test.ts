/** The texts of sessions: what is written, what other libraries read, and what is refused. */
import { createHmac } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Claims, SessionJwt } from '../../../../src/gateway/session/jwt.js';

const SECRET = new TextEncoder().encode('a secret of sessions that only the tests have');
const HEADER = '{"alg":"HS256","typ":"totp-session+jwt"}';
const CLAIMS: Claims = {
  jid: 'alice@example.com',
  id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  began: 1_790_000_000,
  expires: 1_790_000_900,
  key: 'AAAAAAAAAAAAAAAAAAAAAA',
};
const SET = {
  iss: 'totp-token',
  sub: CLAIMS.jid,
  jti: CLAIMS.id,
  iat: CLAIMS.began,
  exp: CLAIMS.expires,
  key: CLAIMS.key,
};

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const signatureOf = (signed: string, secret = SECRET) =>
  createHmac('sha256', secret).update(signed).digest('base64url');
const signed = (text: string) => `${text}.${signatureOf(text)}`;
/** A text that is signed right, whatever stands in it. */
const jwt = (header: string, claims: string) => signed(`${base64url(header)}.${base64url(claims)}`);
const read = (text: string) => new SessionJwt(SECRET).read(text);

describe('the text of a session', () => {
  it('is a JWT that jose verifies, with the claims of RFC 7519', async () => {
    const text = new SessionJwt(SECRET).write(CLAIMS);
    expect(decodeProtectedHeader(text)).toEqual({ alg: 'HS256', typ: 'totp-session+jwt' });
    const { payload } = await jwtVerify(text, SECRET, {
      algorithms: ['HS256'],
      typ: 'totp-session+jwt',
      issuer: 'totp-token',
      currentDate: new Date(CLAIMS.began * 1000),
    });
    expect(payload).toEqual(SET);
  });

  it('is the one that node:crypto signs', () => {
    expect(new SessionJwt(SECRET).write(CLAIMS)).toBe(jwt(HEADER, JSON.stringify(SET)));
  });

  it.each(['ünï@bücher.example', 'q"uote\\s@example.com', '\ufeffbom@example.com', '🐞@a.example'])(
    'keeps the account %j',
    (jid) => {
      const text = new SessionJwt(SECRET).write({ ...CLAIMS, jid });
      expect(read(text)).toEqual({ ...CLAIMS, jid });
    },
  );

  it('has room for the longest jid, with signs that JSON has to escape', () => {
    const jid = `${'"'.repeat(1023)}@${'ü'.repeat(1023)}`;
    expect(read(new SessionJwt(SECRET).write({ ...CLAIMS, jid }))?.jid).toBe(jid);
  });
});

describe('a text is no session', () => {
  const good = jwt(HEADER, JSON.stringify(SET));
  const [header = '', claims = '', signature = ''] = good.split('.');

  it.each([
    ['alg none', '{"alg":"none","typ":"totp-session+jwt"}'],
    ['another algorithm', '{"alg":"HS512","typ":"totp-session+jwt"}'],
    ['an algorithm in lower case', '{"alg":"hs256","typ":"totp-session+jwt"}'],
    ['another type', '{"alg":"HS256","typ":"JWT"}'],
    ['no type', '{"alg":"HS256"}'],
    ['another order', '{"typ":"totp-session+jwt","alg":"HS256"}'],
    ['a space', '{"alg": "HS256","typ":"totp-session+jwt"}'],
    ['a second algorithm', '{"alg":"none","alg":"HS256","typ":"totp-session+jwt"}'],
    ['a key id', '{"alg":"HS256","typ":"totp-session+jwt","kid":"1"}'],
    ['critical parameters', '{"alg":"HS256","typ":"totp-session+jwt","crit":["exp"]}'],
    ['an unencoded payload', '{"alg":"HS256","typ":"totp-session+jwt","b64":false,"crit":["b64"]}'],
    ['nothing', ''],
  ])('whose header has %s', (_what, other) => {
    expect(read(good)).not.toBeNull();
    expect(read(jwt(other, JSON.stringify(SET)))).toBeNull();
    // And the signature that `alg: none` asks for.
    expect(read(`${base64url(other)}.${claims}.`)).toBeNull();
  });

  it.each<[string, object]>([
    ['no expiry', { exp: undefined }],
    ['an expiry that is a text', { exp: '1790000900' }],
    ['an expiry that is null', { exp: null }],
    ['a negative expiry', { exp: -1 }],
    ['an expiry past 2^53', { exp: 2 ** 53 }],
    ['an expiry of part of a second', { exp: 1_790_000_900.5 }],
    ['an expiry at its beginning', { exp: CLAIMS.began }],
    ['an expiry before its beginning', { exp: CLAIMS.began - 1 }],
    ['no beginning', { iat: undefined }],
    ['a beginning that is a text', { iat: '1790000000' }],
    ['a negative beginning', { iat: -1 }],
    ['no account', { sub: undefined }],
    ['an account that is no text', { sub: { length: 9 } }],
    ['several accounts', { sub: ['alice@example.com'] }],
    ['no id', { jti: undefined }],
    ['an id that is no text', { jti: 7 }],
    ['no key', { key: undefined }],
    ['a key that is no text', { key: {} }],
    ['no issuer', { iss: undefined }],
    ['another issuer', { iss: 'someone' }],
    ['a claim more', { aud: 'someone' }],
    ['a time before which it does not count', { nbf: CLAIMS.expires }],
    ['critical claims', { crit: ['exp'] }],
  ])('whose claims have %s', (_what, change) => {
    expect(read(jwt(HEADER, JSON.stringify({ ...SET, ...change })))).toBeNull();
  });

  it.each([
    ['an account twice', JSON.stringify(SET).replace('{', '{"sub":"bob@example.com",')],
    ['an expiry twice', JSON.stringify(SET).replace('{', '{"exp":1790000001,')],
    ['an account twice, one escaped', JSON.stringify(SET).replace('{', '{"s\\u0075b":"b@b",')],
    ['an expiry in powers of ten', JSON.stringify(SET).replace('1790000900', '17900009e2')],
    ['an expiry that is infinite', JSON.stringify(SET).replace('1790000900', '1e999')],
    ['another order', JSON.stringify(Object.fromEntries(Object.entries(SET).reverse()))],
    ['a space', JSON.stringify(SET).replace(':', ': ')],
    ['a byte order mark', `\ufeff${JSON.stringify(SET)}`],
    ['an array around them', `[${JSON.stringify(SET)}]`],
    ['no object', 'null'],
    ['a text', '"alice@example.com"'],
    ['no JSON', '{"iss":'],
    ['nothing', ''],
  ])('whose claims have %s', (_what, json) => {
    expect(read(jwt(HEADER, json))).toBeNull();
  });

  it('whose claims are no UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(SET).replace('alice', '\xff'), 'latin1');
    expect(read(signed(`${header}.${bytes.toString('base64url')}`))).toBeNull();
  });

  it('whose signature is of another secret, cut, or of no bytes', () => {
    const other = new Uint8Array(32);
    expect(read(`${header}.${claims}.${signatureOf(`${header}.${claims}`, other)}`)).toBeNull();
    for (let length = 0; length < signature.length; length++)
      expect(read(`${header}.${claims}.${signature.slice(0, length)}`)).toBeNull();
    expect(read(`${header}.${claims}`)).toBeNull();
    expect(read(`${header}.${claims}.${'A'.repeat(43)}`)).toBeNull();
  });

  it('when any of its signs is another', () => {
    for (let at = 0; at < good.length; at++) {
      const sign = good[at] === 'B' ? 'C' : 'B';
      expect(read(`${good.slice(0, at)}${sign}${good.slice(at + 1)}`), `sign ${at}`).toBeNull();
    }
  });

  it.each(['=', '==', ' ', '\n', '\t', '.', '..', '\0', 'A', 'é', '💥'])(
    'with %j before, behind or within it',
    (sign) => {
      for (const text of [
        `${sign}${good}`,
        `${good}${sign}`,
        `${header}${sign}.${claims}.${signature}`,
        `${header}.${sign}${claims}.${signature}`,
        `${header}.${claims}${sign}.${signature}`,
        `${header}.${claims}.${sign}${signature}`,
      ])
        expect(read(text)).toBeNull();
      // Signed right, too.
      expect(read(signed(`${header}.${claims}${sign}`))).toBeNull();
      expect(read(signed(`${header}.${sign}${claims}`))).toBeNull();
      expect(read(signed(`${header}${sign}.${claims}`))).toBeNull();
    },
  );

  it('in another spelling of its base64url: with padding, other last bits, the other alphabet', () => {
    // Claims of each remainder by three, so that each has last bits where it can.
    for (const jid of ['a@example.com', 'aa@example.com', 'aaa@example.com', 'ü¿@example.com']) {
      const json = JSON.stringify({ ...SET, sub: jid });
      const canonical = base64url(json);
      expect(read(jwt(HEADER, json))).toMatchObject({ jid });
      const others = [
        `${canonical}${'='.repeat((4 - (canonical.length % 4)) % 4)}`,
        Buffer.from(json).toString('base64'),
        ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
          (sign) => canonical.slice(0, -1) + sign,
        ),
      ].filter((text) => text !== canonical);
      for (const text of others) expect(read(signed(`${header}.${text}`)), text).toBeNull();
    }
    // The last sign of a signature has two bits to spare.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const at = alphabet.indexOf(signature.at(-1)!);
    for (const sign of [at + 1, at + 2, at + 3].map((i) => alphabet[i]!))
      expect(read(good.slice(0, -1) + sign)).toBeNull();
    expect(read(`${good}=`)).toBeNull();
  });

  it('of 100 kB, signed right or not', () => {
    const long = JSON.stringify({ ...SET, sub: 'a'.repeat(100_000) });
    expect(read(jwt(HEADER, long))).toBeNull();
    for (const text of ['a', '.', 'a.', header, `${header}.`].map((part) => part.repeat(20_000)))
      expect(read(text)).toBeNull();
  });
});

describe('texts that were good', () => {
  const texts = (count: number) => {
    const all = new SessionJwt(SECRET);
    return Array.from({ length: count }, (_, i) => all.write({ ...CLAIMS, id: `id ${i}` }));
  };

  it('are remembered, so that their claims are one object', () => {
    const all = new SessionJwt(SECRET);
    const text = all.write(CLAIMS);
    expect(all.read(text)).toBe(all.read(`${text}`));
    expect(all.read(text)).toEqual(CLAIMS);
  });

  it('stay right when there are more of them than are remembered', () => {
    const all = new SessionJwt(SECRET);
    const many = texts(5000);
    for (const [i, text] of [...many, ...many].entries())
      expect(all.read(text)?.id).toBe(`id ${i % 5000}`);
    // The first of them were forgotten meanwhile: they are read anew.
    const first = all.read(many[0]!);
    for (const text of many.slice(1)) all.read(text);
    expect(all.read(many[0]!)).not.toBe(first);
    expect(all.read(many[0]!)).toEqual(first);
  });

  it('do not make another one good', () => {
    const all = new SessionJwt(SECRET);
    const text = all.write(CLAIMS);
    all.read(text);
    expect(all.read(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
    expect(new SessionJwt(new Uint8Array(32)).read(text)).toBeNull();
  });
});
