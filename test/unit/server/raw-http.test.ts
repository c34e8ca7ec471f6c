/** Requests as other programs really send them, byte by byte, to the Node server. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { basic, freshToken } from '../gateway/harness.js';
import { JID } from '../token/reference.js';
import { dial, post, started } from './server-harness.js';

const server = await started('[session]\ncookie = "__Secure-s"\ndomain = "example.com"\n');

async function answerTo(text: string): Promise<string> {
  const { socket, answer, closed } = await dial(server.port);
  socket.write(Buffer.from(text, 'latin1'));
  await closed;
  return answer();
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const get = (path: string, headers: string) =>
  answerTo(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${headers}\r\n`);

async function login(): Promise<string> {
  const answer = await post(`${server.url}/v1/session`, { jid: JID, token: freshToken() });
  return answer.headers.get('set-cookie')!.split(';', 1)[0]!;
}

describe('HTTP/1.0 without Host, as health checks send it', () => {
  it.each([
    ['GET /healthz', 200],
    ['HEAD /healthz', 200],
    ['GET /readyz', 200],
    ['OPTIONS /healthz', 405],
    ['GET /auth', 401],
    ['GET /none', 404],
  ])('is answered: %s with %i', async (line, status) => {
    expect(statusOf(await answerTo(`${line} HTTP/1.0\r\n\r\n`))).toBe(status);
  });

  it('is answered 400 in HTTP/1.1, which needs a Host by RFC 9112 §3.2', async () => {
    expect(statusOf(await answerTo('GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'))).toBe(
      400,
    );
  });
});

describe('a request with several Host headers', () => {
  it.each(['host: x\r\n', 'Host: y\r\n', 'HOST: x\r\n'])(
    'is answered 400 by RFC 9112 §3.2, and its connection ends: %j',
    async (second) => {
      const text = `GET /healthz HTTP/1.1\r\nhost: x\r\n${second}\r\n`;
      const answer = await answerTo(text);
      expect(statusOf(answer)).toBe(400);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    },
  );
});

describe('a wrong method', () => {
  it.each([
    ['GET', '/v1/verify', 'POST'],
    ['PUT', '/v1/verify/batch', 'POST'],
    ['OPTIONS', '/v1/session', 'GET, HEAD, POST, DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/readyz', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['PATCH', '/openapi.json', 'GET, HEAD'],
    ['POST', '/prosody/async/example.com', 'GET, HEAD'],
    ['PUT', '/prosody/http/check_password', 'GET, HEAD, POST'],
    ['HEAD', '/v1/verify', 'POST'],
    ['PROPFIND', '/healthz', 'GET, HEAD'],
  ])('%s %s is answered 405, and Allow names the right methods', async (method, path, allow) => {
    const answer = await answerTo(
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    expect([statusOf(answer), /^allow: (.*)$/im.exec(answer)?.[1]?.trim()]).toEqual([405, allow]);
  });

  it('at a path without a route is answered 404', async () => {
    expect((await fetch(`${server.url}/v1/issue`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${server.url}/none`, { method: 'PUT' })).status).toBe(404);
  });

  it.each(['/healthz', '/readyz', '/metrics', '/openapi.json'])(
    'is not HEAD, which is answered 200 without a body: %s',
    async (path) => {
      const answer = await fetch(server.url + path, { method: 'HEAD' });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    },
  );
});

describe('a head of many bytes', () => {
  it.each([17_000, 33_000, 60_000])('with %i bytes is answered 200', async (bytes) => {
    const { authorization } = basic(JID, freshToken());
    const lines = Array.from(
      { length: 10 },
      (_, i) => `x-${i}: ${'v'.repeat(bytes / 10)}\r\n`,
    ).join('');
    expect(statusOf(await get('/auth', `authorization: ${authorization}\r\n${lines}`))).toBe(200);
  });

  it.each([70_000, 400_000])(
    'with %i bytes is answered 431, and the connection is not reset',
    async (bytes) => {
      const socket = connect(server.port, '127.0.0.1');
      const errors: Error[] = [];
      let answer = '';
      socket.on('error', (error) => errors.push(error)).on('data', (chunk) => (answer += chunk));
      socket.end(`GET /auth HTTP/1.1\r\nhost: x\r\nx: ${'v'.repeat(bytes)}\r\n\r\n`);
      await once(socket, 'close');
      expect([statusOf(answer), errors]).toEqual([431, []]);
    },
  );

  it('that never ends is answered 431 and cut off', async () => {
    const { socket, answer, closed } = await dial(server.port);
    socket.on('drain', () => socket.write('v'.repeat(65_536)));
    socket.write(`GET /auth HTTP/1.1\r\nhost: x\r\nx: ${'v'.repeat(1_000_000)}`);
    await closed;
    expect(statusOf(answer())).toBe(431);
  });
});

describe('cookies of one name', () => {
  it('are all read: a stale one hides no good one, in one header or several', async () => {
    const good = await login();
    const name = good.split('=')[0]!;
    for (const stale of ['', 'x', 'a.b.c', good.slice(name.length + 1, -3)]) {
      for (const headers of [
        `cookie: ${name}=${stale}; ${good}\r\n`,
        `cookie: ${good}; ${name}=${stale}\r\n`,
        `cookie: ${name}=${stale}\r\ncookie: ${good}\r\n`,
        `cookie: a=b\r\ncookie: ${good}\r\nCookie: ${name}=${stale}\r\n`,
        `cookie: ${name}=${stale};\t${good}\r\n`,
      ]) {
        expect(statusOf(await get('/auth', headers)), headers).toBe(200);
      }
    }
  });

  it('are not read where a blank other than space and tab precedes them', async () => {
    const good = await login();
    for (const blank of ['\xa0', '\x0b', '\x0c', '\x85', '"']) {
      expect([400, 401]).toContain(
        statusOf(await get('/auth', `cookie: a=b; ${blank}${good}\r\n`)),
      );
    }
  });

  it('are all ended by a logout, in any order', async () => {
    const [one, two] = [await login(), await login()];
    const stale = `${one.split('=')[0]}=a.b.c`;
    const head = `DELETE /v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\n`;
    await answerTo(`${head}cookie: ${stale}; ${one}\r\ncookie: ${two}\r\n\r\n`);
    for (const cookie of [one, two])
      expect(statusOf(await get('/auth', `cookie: ${cookie}\r\n`))).toBe(401);
  });
});

describe('an ambiguous request', () => {
  it.each([
    ['two credentials', (a: string) => `authorization: ${a}\r\nauthorization: ${a}\r\n`],
    [
      'an empty credential behind the good one',
      (a: string) => `authorization: ${a}\r\nauthorization:\r\n`,
    ],
    [
      'two lengths',
      (a: string) => `authorization: ${a}\r\ncontent-length: 0\r\ncontent-length: 1\r\n`,
    ],
    [
      'a length and chunks',
      (a: string) => `authorization: ${a}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n`,
    ],
    [
      'an encoding in disguise',
      (a: string) => `authorization: ${a}\r\ntransfer-encoding: chunked, identity\r\n`,
    ],
    ['a folded header', (a: string) => `authorization:\r\n ${a}\r\n`],
    ['a NUL in a cookie', (a: string) => `authorization: ${a}\r\ncookie: a=\0b\r\n`],
    ['a space before the colon', (a: string) => `authorization : ${a}\r\n`],
  ])('with %s lets nobody in', async (_what, headers) => {
    const { authorization } = basic(JID, freshToken());
    expect([400, 401]).toContain(statusOf(await get('/auth', headers(authorization!))));
  });

  it('with two content types is not read as JSON', async () => {
    const body = JSON.stringify({ jid: JID, token: freshToken() });
    const head = `POST /v1/verify HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n`;
    const types = 'content-type: application/json; a=b\r\ncontent-type: text/plain\r\n';
    expect(statusOf(await answerTo(`${head}${types}\r\n${body}`))).toBe(415);
    expect(statusOf(await answerTo(`${head}content-type: Application/JSON\r\n\r\n${body}`))).toBe(
      200,
    );
  });
});

describe("a client's address", async () => {
  const trusting = await started(
    '[proxies]\ntrusted = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]\n',
  );
  const seen = async (header: string): Promise<unknown> => {
    const before = trusting.lines().length;
    const headers = { ...basic(JID, 'bad'), 'x-forwarded-for': header };
    const asked = request({ port: trusting.port, path: '/auth', headers }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    return trusting.lines()[before]?.client;
  };

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.8:5678', '203.0.113.8'],
    ['[2001:db9::1]', '2001:db9::1'],
    ['[2001:db9::1]:443', '2001:db9::1'],
    ['2001:db9::1', '2001:db9::1'],
    ['198.51.100.1, 203.0.113.8:1, 10.1.2.3:80, [2001:db8::5]:9', '203.0.113.8'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:1', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', '127.0.0.1'],
    ['203.0.113.7, unknown, 10.0.0.1', '10.0.0.1'],
    ['203.0.113.7:, 10.0.0.1', '10.0.0.1'],
    ['[203.0.113.7]', '127.0.0.1'],
    ['203.0.113.7:123456', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('is read from X-Forwarded-For: %j gives %s', async (header, client) =>
    expect(await seen(header)).toBe(client),
  );
});
