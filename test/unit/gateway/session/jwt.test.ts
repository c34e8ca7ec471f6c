/** Sessions as JWTs: how they are written, that other libraries read them, what is refused. */
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
  loggedIn: 1_789_999_000,
  renewTill: 1_790_028_000,
  key: 'AAAAAAAAAAAAAAAAAAAAAA',
};
const SET = {
  iss: 'totp-token',
  sub: CLAIMS.jid,
  jti: CLAIMS.id,
  iat: CLAIMS.began,
  exp: CLAIMS.expires,
  auth_time: CLAIMS.loggedIn,
  renew_till: CLAIMS.renewTill,
  key: CLAIMS.key,
};

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const signatureOf = (signed: string, secret = SECRET) =>
  createHmac('sha256', secret).update(signed).digest('base64url');
const signed = (text: string) => `${text}.${signatureOf(text)}`;
/** A JWT with a valid signature over any header and claims. */
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

  it('is byte for byte the one that node:crypto signs', () => {
    expect(new SessionJwt(SECRET).write(CLAIMS)).toBe(jwt(HEADER, JSON.stringify(SET)));
  });

  it.each(['ünï@bücher.example', 'q"uote\\s@example.com', '\ufeffbom@example.com', '🐞@a.example'])(
    'holds the account %j, which is read back',
    (jid) => {
      const text = new SessionJwt(SECRET).write({ ...CLAIMS, jid });
      expect(read(text)).toEqual({ ...CLAIMS, jid });
    },
  );

  it('has room for the longest jid, made of characters that JSON has to escape', () => {
    const jid = `${'"'.repeat(1023)}@${'ü'.repeat(1023)}`;
    expect(read(new SessionJwt(SECRET).write({ ...CLAIMS, jid }))?.jid).toBe(jid);
  });
});

describe('SessionJwt.read', () => {
  const good = jwt(HEADER, JSON.stringify(SET));
  const [header = '', claims = '', signature = ''] = good.split('.');

  it.each([
    ['alg none', '{"alg":"none","typ":"totp-session+jwt"}'],
    ['another algorithm', '{"alg":"HS512","typ":"totp-session+jwt"}'],
    ['an algorithm in lower case', '{"alg":"hs256","typ":"totp-session+jwt"}'],
    ['another type', '{"alg":"HS256","typ":"JWT"}'],
    ['no type', '{"alg":"HS256"}'],
    ['its fields in another order', '{"typ":"totp-session+jwt","alg":"HS256"}'],
    ['a space between its fields', '{"alg": "HS256","typ":"totp-session+jwt"}'],
    ['a second algorithm', '{"alg":"none","alg":"HS256","typ":"totp-session+jwt"}'],
    ['a key id', '{"alg":"HS256","typ":"totp-session+jwt","kid":"1"}'],
    ['critical parameters', '{"alg":"HS256","typ":"totp-session+jwt","crit":["exp"]}'],
    ['an unencoded payload', '{"alg":"HS256","typ":"totp-session+jwt","b64":false,"crit":["b64"]}'],
    ['no characters', ''],
  ])('refuses a session whose header has %s', (_what, other) => {
    expect(read(good)).not.toBeNull();
    expect(read(jwt(other, JSON.stringify(SET)))).toBeNull();
    // `alg: none` asks for an empty signature.
    expect(read(`${base64url(other)}.${claims}.`)).toBeNull();
  });

  it.each<[string, object]>([
    ['no expiry', { exp: undefined }],
    ['an expiry that is a string', { exp: '1790000900' }],
    ['an expiry that is null', { exp: null }],
    ['a negative expiry', { exp: -1 }],
    ['an expiry past 2^53', { exp: 2 ** 53 }],
    ['an expiry with a fraction of a second', { exp: 1_790_000_900.5 }],
    ['an expiry at its time of issue', { exp: CLAIMS.began }],
    ['an expiry before its time of issue', { exp: CLAIMS.began - 1 }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue that is a string', { iat: '1790000000' }],
    ['a negative time of issue', { iat: -1 }],
    ['no time of login', { auth_time: undefined }],
    ['a time of login that is a string', { auth_time: '1789999000' }],
    ['a negative time of login', { auth_time: -1 }],
    ['a login after its time of issue', { auth_time: CLAIMS.began + 1 }],
    ['no end of renewals', { renew_till: undefined }],
    ['an end of renewals that is a string', { renew_till: '1790028000' }],
    ['an end of renewals past 2^53', { renew_till: 2 ** 53 }],
    ['an end of renewals before its expiry', { renew_till: CLAIMS.expires - 1 }],
    ['no account', { sub: undefined }],
    ['an account that is not a string', { sub: { length: 9 } }],
    ['several accounts', { sub: ['alice@example.com'] }],
    ['no id', { jti: undefined }],
    ['an id that is not a string', { jti: 7 }],
    ['no key', { key: undefined }],
    ['a key that is not a string', { key: {} }],
    ['no issuer', { iss: undefined }],
    ['another issuer', { iss: 'someone' }],
    ['an unknown claim', { aud: 'someone' }],
    ['the claim nbf', { nbf: CLAIMS.expires }],
    ['critical claims', { crit: ['exp'] }],
  ])('refuses a session whose claims have %s', (_what, change) => {
    expect(read(jwt(HEADER, JSON.stringify({ ...SET, ...change })))).toBeNull();
  });

  it.each([
    ['an account twice', JSON.stringify(SET).replace('{', '{"sub":"bob@example.com",')],
    ['an expiry twice', JSON.stringify(SET).replace('{', '{"exp":1790000001,')],
    ['an account twice, one escaped', JSON.stringify(SET).replace('{', '{"s\\u0075b":"b@b",')],
    ['an expiry in powers of ten', JSON.stringify(SET).replace('1790000900', '17900009e2')],
    ['an expiry that is infinite', JSON.stringify(SET).replace('1790000900', '1e999')],
    ['their order changed', JSON.stringify(Object.fromEntries(Object.entries(SET).reverse()))],
    ['a space between them', JSON.stringify(SET).replace(':', ': ')],
    ['a byte order mark', `\ufeff${JSON.stringify(SET)}`],
    ['an array around them', `[${JSON.stringify(SET)}]`],
    ['null in place of an object', 'null'],
    ['a string in place of an object', '"alice@example.com"'],
    ['JSON that is cut off', '{"iss":'],
    ['no characters', ''],
  ])('refuses a session whose claims have %s', (_what, json) => {
    expect(read(jwt(HEADER, json))).toBeNull();
  });

  it('refuses a session whose claims are not UTF-8', () => {
    const bytes = Buffer.from(JSON.stringify(SET).replace('alice', '\xff'), 'latin1');
    expect(read(signed(`${header}.${bytes.toString('base64url')}`))).toBeNull();
  });

  it('refuses a signature that is made with another secret, cut off or missing', () => {
    const other = new Uint8Array(32);
    expect(read(`${header}.${claims}.${signatureOf(`${header}.${claims}`, other)}`)).toBeNull();
    for (let length = 0; length < signature.length; length++)
      expect(read(`${header}.${claims}.${signature.slice(0, length)}`)).toBeNull();
    expect(read(`${header}.${claims}`)).toBeNull();
    expect(read(`${header}.${claims}.${'A'.repeat(43)}`)).toBeNull();
  });

  it('refuses a session with any of its characters changed', () => {
    for (let at = 0; at < good.length; at++) {
      const sign = good[at] === 'B' ? 'C' : 'B';
      expect(read(`${good.slice(0, at)}${sign}${good.slice(at + 1)}`), `sign ${at}`).toBeNull();
    }
  });

  it.each(['=', '==', ' ', '\n', '\t', '.', '..', '\0', 'A', 'é', '💥'])(
    'refuses a session with %j before, after or within it',
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
      // A valid signature does not help.
      expect(read(signed(`${header}.${claims}${sign}`))).toBeNull();
      expect(read(signed(`${header}.${sign}${claims}`))).toBeNull();
      expect(read(signed(`${header}${sign}.${claims}`))).toBeNull();
    },
  );

  it('refuses other spellings of base64url: with padding, other last bits, the other alphabet', () => {
    // The lengths of the claims leave each remainder modulo 3, so that there are spare bits.
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
    // The last character of a signature has two spare bits.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const at = alphabet.indexOf(signature.at(-1)!);
    for (const sign of [at + 1, at + 2, at + 3].map((i) => alphabet[i]!))
      expect(read(good.slice(0, -1) + sign)).toBeNull();
    expect(read(`${good}=`)).toBeNull();
  });

  it('refuses a text of 100 kB, even with a valid signature', () => {
    const long = JSON.stringify({ ...SET, sub: 'a'.repeat(100_000) });
    expect(read(jwt(HEADER, long))).toBeNull();
    for (const text of ['a', '.', 'a.', header, `${header}.`].map((part) => part.repeat(20_000)))
      expect(read(text)).toBeNull();
  });
});

describe('sessions that were read before', () => {
  const texts = (count: number, jid = CLAIMS.jid) => {
    const all = new SessionJwt(SECRET);
    return Array.from({ length: count }, (_, i) => all.write({ ...CLAIMS, jid, id: `id ${i}` }));
  };

  it('are remembered, so that the same object is returned', () => {
    const all = new SessionJwt(SECRET);
    const text = all.write(CLAIMS);
    expect(all.read(text)).toBe(all.read(`${text}`));
    expect(all.read(text)).toEqual(CLAIMS);
  });

  it('are remembered by the ten thousand', () => {
    const all = new SessionJwt(SECRET);
    const many = texts(10_000);
    const first = many.map((text) => all.read(text));
    expect(many.every((text, i) => all.read(text) === first[i])).toBe(true);
  });

  it('are read correctly even if there is more of them than is remembered', () => {
    const all = new SessionJwt(SECRET);
    // 16 MiB of text: 2,300 of the longest names that a session may have.
    const many = texts(3000, `${'a'.repeat(5000)}@example.com`);
    const ids = [...many, ...many].map((text) => all.read(text)?.id);
    expect(ids).toEqual([...many, ...many].map((_, i) => `id ${i % 3000}`));
    // The first of them are no longer remembered and are read anew.
    const first = all.read(many[0]!);
    for (const text of many.slice(1)) all.read(text);
    expect(all.read(many[0]!)).not.toBe(first);
    expect(all.read(many[0]!)).toEqual(first);
  });

  it('do not make another text valid, nor themselves under another secret', () => {
    const all = new SessionJwt(SECRET);
    const text = all.write(CLAIMS);
    all.read(text);
    expect(all.read(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
    expect(new SessionJwt(new Uint8Array(32)).read(text)).toBeNull();
  });
});
