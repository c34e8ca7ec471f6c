/** Attacks on the recipes of docs/gateway.md, byte for byte, with the real proxies. */
import { beforeAll, describe, expect, it } from 'vitest';
import { basic, freshToken } from '../unit/gateway/harness.js';
import { JID } from '../unit/token/reference.js';
import type { CgiRequest } from './cgi-app.js';
import { PATHS_OUT } from './paths-out.js';
import { isSpoe, RECIPES, stageOf } from './proxy-stage.js';
import { exchange, type RawAnswer } from './raw-http.js';

const COOKIE = '__Host-totp-token';
const ROOT_JID = 'root@example.com';

/** The application's variables of an identity, as the gateway gives it. */
const ALICE = {
  HTTP_X_AUTH_JID: JID,
  HTTP_X_AUTH_USER: 'alice',
  HTTP_X_AUTH_HOST: 'example.com',
  HTTP_REMOTE_USER: JID,
};
const NAMES = ['x-auth-jid', 'x-auth-user', 'x-auth-host', 'remote-user'];
const headerCase = (name: string) => name.replace(/(^|-)[a-z]/g, (text) => text.toUpperCase());
const replaceNth = (name: string, nth: number, by: string) => {
  let count = 0;
  return name.replaceAll('-', (dash) => (++count === nth ? by : dash));
};

/** Spellings of a header's name that some application takes for the gateway's. */
const SPELLINGS: [string, (name: string) => string][] = [
  ['as the gateway spells them', (name) => name],
  ['with capitals', headerCase],
  ['all in capitals', (name) => name.toUpperCase()],
  ['in mixed case', (name) => name.replace(/[aeiou]/g, (text) => text.toUpperCase())],
  ['with underscores', (name) => name.replaceAll('-', '_')],
  ['with underscores and capitals', (name) => headerCase(name).replaceAll('-', '_')],
  ['as CGI variables', (name) => name.toUpperCase().replaceAll('-', '_')],
  ['with the first hyphen an underscore', (name) => headerCase(replaceNth(name, 1, '_'))],
  ['with the second hyphen an underscore', (name) => headerCase(replaceNth(name, 2, '_'))],
  ...[...".!#$%&'*+^`|~"].map((char): [string, (name: string) => string] => [
    `with ${char} for a hyphen`,
    (name) => headerCase(name).replaceAll('-', char),
  ]),
  ['with . for the first hyphen', (name) => replaceNth(name, 1, '.')],
  ['with . for the second hyphen', (name) => replaceNth(name, 2, '.')],
];

/** Lines that some parser takes for a header of the gateway. */
const MALFORMED: [string, string[]][] = [
  ['a space before the colon', [`X-Auth-Jid : ${ROOT_JID}`]],
  ['a tab before the colon', [`X-Auth-Jid\t: ${ROOT_JID}`]],
  ['a folded line', ['X-Pad: 1', ` X-Auth-Jid: ${ROOT_JID}`]],
  ['a folded name', ['X-Auth-Jid:', ` ${ROOT_JID}`]],
  ['a bare line feed', [`X-Pad: 1\nX-Auth-Jid: ${ROOT_JID}`]],
  ['a bare line feed before an underscore', [`X-Pad: 1\nX_Auth_Jid: ${ROOT_JID}`]],
  ['a bare carriage return', [`X-Pad: 1\rX-Auth-Jid: ${ROOT_JID}`]],
  ['a NUL in the name', [`X-Auth\0Jid: ${ROOT_JID}`]],
  ['a NUL in the value', [`X-Pad: 1\0X-Auth-Jid: ${ROOT_JID}`]],
  ['two headers of one name', [`X-Auth-Jid: ${ROOT_JID}`, `X-Auth-Jid: ${ROOT_JID}`]],
  ['one header of each spelling', [`X-Auth-Jid: ${ROOT_JID}`, `X_Auth_Jid: ${ROOT_JID}`]],
  ['an empty header', ['X-Auth-Jid:', 'X_Auth_Jid:']],
  ['letters that lower-case to ASCII ones', [`X-Auth-\xe2\x84\xaaid: ${ROOT_JID}`]],
  ['a byte above ASCII', [`X\xa0Auth\xa0Jid: ${ROOT_JID}`]],
];

/** Values of Connection by which a client has headers removed on the way (RFC 9110 §7.6.1). */
const CONNECTIONS: [string, string[]][] = [
  [
    'its names in Connection',
    ['Connection: close, X-Auth-Jid, Remote-User, X-Auth-User, X-Auth-Host'],
  ],
  [
    'its names first in Connection',
    ['Connection: X-Auth-Jid,Remote-User,X-Auth-User,X-Auth-Host,close'],
  ],
  [
    'its names in lower case',
    ['Connection: close, x-auth-jid, remote-user, x-auth-user, x-auth-host'],
  ],
  [
    'its names in several lines',
    ['Connection: close', ...NAMES.map((name) => `Connection: ${name}`)],
  ],
  ['its names with underscores', ['Connection: close, X_Auth_Jid, Remote_User']],
  [
    'its names in Proxy-Connection',
    ['Connection: close', 'Proxy-Connection: X-Auth-Jid, Remote-User'],
  ],
  ['its names in Keep-Alive', ['Connection: close', 'Keep-Alive: X-Auth-Jid, Remote-User']],
  ['its names in Trailer', ['Connection: close, Trailer', 'Trailer: X-Auth-Jid', 'TE: trailers']],
  [
    'its name beside an upgrade',
    [
      'Connection: close, upgrade, X-Auth-Jid',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  ],
  [
    'Host and the addresses in Connection',
    ['Connection: close, Host, X-Forwarded-For, X-Forwarded-Proto'],
  ],
];

/** Targets whose path a proxy and the gateway might read differently. */
const TARGETS = [
  '/healthz',
  '/metrics',
  '/auth',
  '/auth/',
  '/_totp_token',
  '/%5ftotp_token',
  '/@totp_token_unjudged',
  ...PATHS_OUT,
  ...PATHS_OUT.map((path) => `/auth${path}`),
  ...PATHS_OUT.map((path) => `/v1/session${path}`),
  ...['/metrics', '/healthz', '/openapi.json', '/auth', '/prosody/http/user_exists'].flatMap(
    (path) => [
      `${path}/../v1/session`,
      `${path}/../../../v1/session`,
      `${path}/../../v1/session?user=alice&server=example.com`,
      `${path}%2f..%2fv1%2fsession`,
      `${path}%2f..%2f..%2f..%2fv1%2fsession?user=alice&server=example.com`,
      `${path}#/../v1/session`,
      `${path}?/../v1/session`,
      `${path};/../v1/session`,
      `${path}\\..\\v1\\session`,
      `/v1/session/../..${path}`,
      `/v1/session#/../..${path}`,
      `/v1/session?/../..${path}`,
      `/v1/session;/../..${path}`,
      `/v1/session%2f..%2f..${path}`,
      `/v1/session%23/../../..${path}`,
      `/v1/session%3f/../../..${path}`,
      `http://127.0.0.1:8080${path}`,
      `http://127.0.0.1:8080${path}/../v1/session`,
      `http://127.0.0.1:8080/v1/session/../..${path}`,
    ],
  ),
  '//v1/session',
  '/v1//session',
  '/v1/./session',
  '/v1/%73ession',
  '/V1/SESSION',
  '/v1/session/',
  '/v1/session?x=1',
  '/v1/session#x',
  'http://127.0.0.1:8000/v1/session',
  'http://user@127.0.0.1:8000/v1/session',
  'http://127.0.0.1:8000\\@localhost/v1/session',
  'https://localhost/page',
  '//localhost:8080/healthz',
  'page',
  '*',
  'localhost:8080',
  'x:healthz',
  'x:@a/healthz',
  'x:.a/healthz',
  'x:1/healthz',
  'x:/healthz',
  'x://localhost/healthz',
  'http:@a/healthz',
  'x:http://localhost/healthz',
  'x:http://localhost/auth/../healthz',
  'x:*',
  '@a/healthz',
  ':80/healthz',
  '.a/healthz',
  '\\healthz',
  '?x',
  '#x',
];

describe.each(RECIPES)('%s', { timeout: 180_000 }, (name) => {
  const stage = stageOf(name);
  let session = '';

  beforeAll(async () => {
    const begun = await fetch(`${stage.url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jid: JID, token: freshToken() }),
    });
    session = begun.headers.get('set-cookie')!.split(';')[0]!;
  });

  const token = () => `Authorization: ${basic('alice', freshToken()).authorization}`;

  /**
   * Sends lines unchanged, with a `Host`, and with `Connection: close` if no line has the header
   * Connection.
   */
  async function attack(
    lines: readonly string[],
    target = '/page',
    method = 'GET',
    body = '',
  ): Promise<{ answer: RawAnswer; got: CgiRequest[] }> {
    const before = stage.app.requests.length;
    const close = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
    const head = [
      `${method} ${target} HTTP/1.1`,
      `Host: 127.0.0.1:${stage.port}`,
      ...close,
      ...lines,
    ];
    const answer = await exchange(stage.port, head, body);
    return { answer, got: stage.app.requests.slice(before) };
  }

  const identityOf = ({ env }: CgiRequest) =>
    Object.fromEntries(Object.keys(ALICE).map((variable) => [variable, env[variable]]));

  describe('identity headers of a client', () => {
    it.each(SPELLINGS)(
      'are replaced by the gateway’s if they are spelled %s',
      async (_how, spell) => {
        const forged = NAMES.map((header) => `${spell(header)}: ${ROOT_JID}`);
        const { answer, got } = await attack([...forged, token(), ...forged]);
        expect(answer.status).toBe(200);
        expect(got.map(identityOf)).toEqual([ALICE]);
      },
    );

    it.each(SPELLINGS)('are no credentials if they are spelled %s', async (_how, spell) => {
      const { answer, got } = await attack(NAMES.map((header) => `${spell(header)}: ${ROOT_JID}`));
      expect([answer.status, got]).toEqual([401, []]);
    });

    it.each(MALFORMED)('are refused or overwritten if they come with %s', async (_how, lines) => {
      const { answer, got } = await attack([token(), ...lines]);
      if (got.length === 0) expect(answer.status).toBeGreaterThanOrEqual(400);
      else expect(got.map(identityOf)).toEqual([ALICE]);
      expect((await attack(lines)).got).toEqual([]);
    });

    it.each([
      ['names nobody', ''],
      ['names nobody and has empty headers', 'x-auth-jid: \r\nremote-user: \r\n'],
      ['names a user without a jid', 'x-auth-user: alice\r\n'],
    ])('do not complete an accepting answer that %s', async (_how, headers) => {
      stage.relay.answerWith(
        `HTTP/1.1 200 OK\r\n${headers}content-length: 0\r\nconnection: close\r\n\r\n`,
      );
      const forged = ['X-Auth-Jid', 'X_Auth_Jid', 'Remote-User'].map(
        (header) => `${header}: ${ROOT_JID}`,
      );
      const answers = [
        await attack([]),
        await attack(forged),
        await attack([`Cookie: ${session}`]),
      ];
      stage.relay.answerWith(undefined);
      expect(answers.flatMap(({ got }) => got)).toEqual([]);
      expect(answers.map(({ answer }) => answer.status)).toEqual([503, 503, 503]);
    });

    it('are not taken from trailers', async () => {
      const lines = ['Transfer-Encoding: chunked', 'Trailer: X-Auth-Jid, X_Auth_Jid', token()];
      const trailers = `X-Auth-Jid: ${ROOT_JID}\r\nX_Auth_Jid: ${ROOT_JID}\r\n`;
      const { answer, got } = await attack(
        lines,
        '/form',
        'POST',
        `6\r\na body\r\n0\r\n${trailers}\r\n`,
      );
      expect([answer.status, got[0]?.body, ...got.map(identityOf)]).toEqual([200, 'a body', ALICE]);
      // HAProxy 2.6 cannot drop trailers; SECURITY.md says so.
      if (!name.startsWith('HAProxy')) expect(got[0]?.trailers).toEqual({});
    });

    it('are overwritten, as is a forged address of the client', async () => {
      const lines = [
        'X-Forwarded-For: 192.0.2.6',
        'X_Forwarded_For: 192.0.2.6',
        'X-Forwarded-For: 192.0.2.7',
      ];
      const { got } = await attack([...lines, token()]);
      expect(got.map(({ env }) => env.HTTP_X_FORWARDED_FOR)).toEqual(['127.0.0.1']);
      expect(stage.relay.heads.join('\n')).not.toContain('192.0.2');
    });

    it('do not replace the answer of an application that fails', async () => {
      const { answer, got } = await attack([`Cookie: ${session}`], '/fails');
      expect([got.length, answer.status, answer.body]).toEqual([1, 500, 'the application']);
    });
  });

  describe('hop-by-hop headers', () => {
    it.each(CONNECTIONS)(
      'do not take the identity from the application: %s',
      async (_what, lines) => {
        const { got } = await attack([...lines, `Cookie: ${session}`]);
        expect(got.map(identityOf)).toEqual([ALICE]);
        expect(got[0]!.env.HTTP_CONNECTION ?? '').toMatch(/^(close|keep-alive|upgrade)?$/i);
      },
    );

    it.each(['Authorization', 'Cookie', 'Authorization, Cookie'])(
      'do not bring %s to the application when Connection names them',
      async (names) => {
        const { got } = await attack([
          `Connection: close, ${names}`,
          token(),
          `Cookie: ${session}`,
        ]);
        for (const request of got) {
          expect(identityOf(request)).toEqual(ALICE);
          expect([request.env.HTTP_AUTHORIZATION ?? '', request.env.HTTP_COOKIE ?? '']).toEqual([
            '',
            '',
          ]);
        }
      },
    );

    it.each([
      [
        'h2c',
        [
          'Connection: Upgrade, HTTP2-Settings, close',
          'Upgrade: h2c',
          'HTTP2-Settings: AAMAAABkAAQAAP__',
        ],
      ],
      ['h2c, without its settings', ['Connection: Upgrade, close', 'Upgrade: h2c']],
      ['h2c in capitals', ['Connection: upgrade, close', 'Upgrade: H2C']],
      ['TLS', ['Connection: Upgrade, close', 'Upgrade: TLS/1.0']],
    ])('cannot upgrade a connection to %s', async (_what, lines) => {
      const { got } = await attack([...lines, `Cookie: ${session}`]);
      for (const { env } of got)
        expect([env.HTTP_UPGRADE ?? '', env.HTTP_CONNECTION ?? '']).not.toContain('h2c');
      for (const { env } of got) expect(env.HTTP_UPGRADE ?? '').toBe('');
    });
  });

  describe('a cookie', () => {
    const stale = `${COOKIE}=a.b.c`;
    /**
     * The lines of a request with the session S, and the cookies that are left for the application.
     */
    const COOKIES: [string, (S: string) => string[], string[]][] = [
      ['alone', (S) => [S], []],
      ['first', (S) => [`${S}; b=2`], ['b=2']],
      ['last', (S) => [`a=1; ${S}`], ['a=1']],
      ['in the middle', (S) => [`a=1; ${S}; b=2`], ['a=1', 'b=2']],
      ['without a space', (S) => [`a=1;${S};b=2`], ['a=1', 'b=2']],
      ['twice', (S) => [`${S}; ${S}`], []],
      ['twice, with others around', (S) => [`a=1; ${S}; b=2; ${S}; c=3`], ['a=1', 'b=2', 'c=3']],
      ['before a stale one', (S) => [`${S}; ${stale}; b=2`], ['b=2']],
      ['three times', (S) => [`${S}; a=1; ${S}; ${S}; b=2`], ['a=1', 'b=2']],
      ['in the second of two headers', (S) => ['a=1', `b=2; ${S}`], ['a=1', 'b=2']],
      ['in the first of two headers', (S) => [`${S}; a=1`, 'b=2'], ['a=1', 'b=2']],
      ['in two headers', (S) => [`a=1; ${S}`, `${S}; b=2`], ['a=1', 'b=2']],
      ['alone in two headers', (S) => [S, S], []],
      ['behind a tab', (S) => [`a=1;\t${S}`, 'b=2'], ['a=1', 'b=2']],
      ['behind a tab, first', (S) => [`\t${S}; b=2`], ['b=2']],
      ['before a tab', (S) => [`a=1; ${S.replace('=', '\t=')}; ${S}`], ['a=1']],
      ['before a space', (S) => [`a=1; ${S.replace('=', ' =')}; ${S}`], ['a=1']],
      ['behind a no-break space in UTF-8', (S) => [`a=1; \xc2\xa0${S}; ${S}`], ['a=1']],
      ['behind a no-break space in Latin-1', (S) => [`a=1; \xa0${S}; ${S}`], ['a=1']],
      ['behind a byte order mark', (S) => [`\xef\xbb\xbf${S}; a=1; ${S}`], ['a=1']],
      ['behind many spaces', (S) => [`a=1;   ${S};   b=2`], ['a=1', 'b=2']],
      [
        'beside names that are like it',
        (S) => [`x${S}; ${COOKIE}2=1; ${S}`],
        ['xS', `${COOKIE}2=1`],
      ],
      ['beside its name as a value', (S) => [`a=${COOKIE}; ${S}`], [`a=${COOKIE}`]],
      ['beside empty ones', (S) => [`;; ${S};; a=1;`], ['a=1']],
      ['in the header in capitals', (S) => [`a=1; ${S}`], ['a=1']],
    ];

    it.each(COOKIES)(
      'reaches the application unless it is the session cookie, which stands %s',
      async (_where, write, left) => {
        const lines = write(session).map((value) => `Cookie: ${value}`);
        const { got } = await attack([token(), ...lines]);
        expect(got).toHaveLength(1);
        expect(identityOf(got[0]!)).toEqual(ALICE);
        const pairs = (got[0]!.env.HTTP_COOKIE ?? '').split(/[;,]/).map((pair) => pair.trim());
        expect(pairs.filter(Boolean)).toEqual(
          left.map((pair) => (pair === 'xS' ? `x${session}` : pair)),
        );
      },
    );

    it('of a session does not reach the application when a client sends many', async () => {
      const many = Array.from({ length: 12 }, (_, i) => `${COOKIE}=stale.${i}.x; c${i}=1`).join(
        '; ',
      );
      const { got } = await attack([token(), `Cookie: ${many}; ${session}`]);
      for (const { env } of got) expect(env.HTTP_COOKIE ?? '').not.toContain(COOKIE);
    });

    it.each([
      ['in the second of two headers', (S: string) => ['a=1', `b=2; ${S}`]],
      ['behind a tab', (S: string) => [`a=1;\t${S}`]],
    ])('of a session lets its owner in if it stands %s', async (_where, write) => {
      const { answer, got } = await attack(write(session).map((value) => `Cookie: ${value}`));
      expect([answer.status, ...got.map(identityOf)]).toEqual([200, ALICE]);
    });
  });

  describe('a client', () => {
    it.each(TARGETS)(
      'does not reach the application without credentials by the target %s',
      async (target) => {
        const before = stage.relay.heads.length;
        const { answer, got } = await attack([`X-Auth-Jid: ${ROOT_JID}`], target);
        expect(got).toEqual([]);
        // Caddy itself answers a request for an unknown host, with an empty 200.
        const asked = stage.relay.heads.slice(before);
        if (answer.status === 200) expect([asked, answer.body]).toEqual([[], '']);
        expect(stage.relay.heads.slice(before).map(targetOf).filter(isForeign)).toEqual([]);
      },
    );

    it.each(TARGETS)('with a session has its own identity by the target %s', async (target) => {
      const before = stage.relay.heads.length;
      const { got } = await attack([`Cookie: ${session}`, `X-Auth-Jid: ${ROOT_JID}`], target);
      expect(got.map(identityOf)).toEqual(got.map(() => ALICE));
      expect(stage.relay.heads.slice(before).map(targetOf).filter(isForeign)).toEqual([]);
    });

    it.each([
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'CONNECT',
      'PROPFIND',
      'get',
      'X',
    ])('does not reach the application without credentials by the method %s', async (method) => {
      const { answer, got } = await attack(['Content-Length: 0'], '/page', method);
      expect(got).toEqual([]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    });
  });

  describe('the gateway behind the proxy', () => {
    // By SPOP the gateway gets only the headers that the recipe's message names.
    it.skipIf(isSpoe(name))('gets the credentials of a request and few other headers', async () => {
      const before = stage.relay.heads.length;
      const lines = [
        token(),
        `Cookie: ${session}`,
        'If-None-Match: "x"',
        'Range: bytes=0-1',
        'Upgrade: h2c',
      ];
      await attack(
        [...lines, 'Connection: close, upgrade', 'X_Auth_Jid: root', 'X-Auth-Jid: root'],
        '/p?secret=1',
      );
      const [head = ''] = stage.relay.heads
        .slice(before)
        .filter((text) => targetOf(text) !== '/healthz');
      expect(targetOf(head)).toBe('/auth');
      const names = head
        .split('\r\n')
        .slice(1)
        .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
      expect(names).toEqual(expect.arrayContaining(['authorization', 'cookie', 'x-forwarded-for']));
      const never = ['upgrade', ...NAMES, ...NAMES.map((header) => header.replaceAll('-', '_'))];
      expect(names.filter((header) => never.includes(header))).toEqual([]);
      if (name !== 'Caddy')
        expect(names.filter((header) => ['range', 'if-none-match'].includes(header))).toEqual([]);
    });

    it.each([8, 12, 20, 28])(
      'does not cause an error of the proxy for %i kB of headers',
      async (kB) => {
        const pads = Array.from({ length: kB / 4 }, (_, i) => `X-Pad-${i}: ${'x'.repeat(4000)}`);
        const { answer, got } = await attack([token(), ...pads]);
        // HAProxy accepts 15 kB. nginx passes none of these headers to the gateway, Caddy all.
        if (name === 'nginx' || kB <= 12)
          expect([answer.status, ...got.map(identityOf)]).toEqual([200, ALICE]);
        else expect([200, 400, 431]).toContain(answer.status);
      },
    );

    it.each([2, 4])(
      'does not cause an error of the proxy for %i cookies of 7 kB',
      async (count) => {
        const cookies = Array.from(
          { length: count },
          (_, i) => `Cookie: c${i}=${'x'.repeat(7000)}`,
        );
        const { answer } = await attack([token(), ...cookies]);
        expect([200, 400, 431]).toContain(answer.status);
      },
    );
  });
});

const targetOf = (head: string) => head.split(' ', 2)[1] ?? '';

/** A proxy asks the gateway for two routes only, and HAProxy also checks its health. */
const isForeign = (target: string) => !/^\/(auth|v1\/session(\?[^#]*)?|healthz)$/.test(target);
