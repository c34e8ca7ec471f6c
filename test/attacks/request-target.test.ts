/**
 * A client that writes the path which a proxy appends to its prefix: no spelling of it reaches
 * another route.
 */
import { describe, expect, it } from 'vitest';
import { basic, freshToken, harness } from '../unit/gateway/harness.js';
import { dial, started } from '../unit/server/server-harness.js';
import { JID } from '../unit/token/reference.js';

const server = await started();

/** Sends a head as it stands; the answer's status, and whether it names somebody. */
async function answerTo(
  head: string,
): Promise<{ status: number; jid: string | undefined; text: string }> {
  const { socket, answer, closed } = await dial(server.port);
  socket.write(Buffer.from(head, 'latin1'));
  await closed;
  const text = answer();
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]),
    jid: /^x-auth-jid: (.*)$/im.exec(text)?.[1]?.trim(),
    text,
  };
}

const request = (target: string, headers = '', method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\n${headers}\r\n`;

/** What a client may put behind `/auth` to get out of it. */
const ESCAPES = [
  '/../healthz',
  '/admin/../../healthz',
  '/./../healthz',
  '/..;/healthz',
  '/..;x=1/healthz',
  '/%2e%2e/healthz',
  '/%2E./healthz',
  '/.%2e/healthz',
  '/%252e%252e/healthz',
  '/..%2fhealthz',
  '/..%5chealthz',
  '/..\\healthz',
  '\\..\\healthz',
  '/..//healthz',
  '//../healthz',
  '//../../healthz',
  '/a//../../../healthz',
  '/../../../../healthz',
  '/..',
  '/../',
  '/../healthz?x=/auth',
  '/../healthz#/auth',
  '?/../../healthz',
  '#/../../healthz',
  ';/../healthz',
  '*',
  'admin/../healthz',
  '%2f..%2fhealthz',
  '/..%c0%afhealthz',
  '/\u00e9/../../healthz',
  '/../readyz',
  '/../metrics',
  '/../openapi.json',
  '/../v1/session',
  '/../prosody/http/user_exists?user=alice&server=example.com',
];

describe('a path behind the prefix of a proxy', () => {
  it.each(ESCAPES)('/auth%s lets nobody in without credentials', async (path) => {
    for (const target of [`/auth${path}`, `http://app.example/auth${path}`]) {
      const { status, jid } = await answerTo(request(target, 'x-auth-jid: root@example.com\r\n'));
      expect([400, 401], target).toContain(status);
      expect(jid).toBeUndefined();
    }
  });

  it.each([
    '/../healthz',
    '/%2e%2e/metrics',
    '//../readyz',
    ';/../openapi.json',
    '*',
    '?/../healthz',
  ])('/auth%s names the owner of good credentials, and nobody else', async (path) => {
    const { authorization } = basic(JID, freshToken());
    const head = request(
      `/auth${path}`,
      `authorization: ${authorization}\r\nx-auth-jid: root@example.com\r\n`,
    );
    expect(await answerTo(head)).toMatchObject({ status: 200, jid: JID });
    expect(await answerTo(head)).toMatchObject({ status: 401, jid: undefined });
  });

  it.each(['HEAD', 'POST', 'OPTIONS', 'PUT', 'TRACE', 'PROPFIND'])(
    'lets nobody in by %s either',
    async (method) => {
      expect([400, 401, 405]).toContain(
        (await answerTo(request('/auth/../healthz', '', method))).status,
      );
    },
  );
});

describe('a route', () => {
  it.each([
    '//healthz',
    '/./healthz',
    '/x/../healthz',
    '/healthz/',
    '/healthz;x',
    '/healthz#',
    '/%68ealthz',
    '/healthz%00',
    '/Healthz',
    '/x/..\\healthz',
    '/v1/../auth/../healthz',
    '/AUTH',
    '/%61uth',
    '/./auth',
    '//auth',
    '*',
  ])('has one spelling, which %s is not', async (target) => {
    expect([400, 404]).toContain(
      (await answerTo(request(target, '', target === '*' ? 'OPTIONS' : 'GET'))).status,
    );
  });

  it('is reached by the absolute form too, RFC 9112 §3.2.2', async () => {
    expect((await answerTo(request('http://app.example/healthz'))).status).toBe(200);
    expect((await answerTo(request('http://app.example?/healthz'))).status).toBe(404);
    expect((await answerTo(request('http://app.example'))).status).toBe(404);
  });

  it('other than /auth answers with the name of no account', async () => {
    for (const path of [
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/none',
      '/v1/session',
    ]) {
      const { jid, text } = await answerTo(request(path, 'x-auth-jid: root@example.com\r\n'));
      expect([jid, /^remote-user:/im.test(text)], path).toEqual([undefined, false]);
    }
  });
});

describe('Gateway.authenticate, for runtimes that have a parsed URL only', async () => {
  const { gateway } = await harness();

  it.each(ESCAPES)('lets nobody in by %s', async (path) => {
    const url = new URL(`http://gateway.test/auth${path}`);
    expect((await gateway.authenticate(new Request(url))).status).toBe(401);
    expect((await gateway.authenticate(new Request('http://gateway.test/healthz'))).status).toBe(
      401,
    );
  });

  it('lets the owner of good credentials in, at any path', async () => {
    for (const path of ['/', '/auth', '/healthz', '/v1/verify']) {
      const headers = basic(JID, freshToken());
      const answer = await gateway.authenticate(
        new Request(`http://gateway.test${path}`, { headers }),
      );
      expect([answer.status, answer.headers.get('x-auth-jid')]).toEqual([200, JID]);
    }
  });
});
