import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { leaks } from '../cli/binary.js';
import { basic, freshToken, HOSTS } from '../gateway/harness.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf } from '../token/reference.js';
import { dial, post, type Started, started } from './server-harness.js';

/** A token is verified: the server lives and serves others. */
async function serves({ url }: Started): Promise<boolean> {
  return (await post(`${url}/v1/verify`, { jid: JID, token: freshToken() })).status === 200;
}

describe('the HTTP server', () => {
  it('answers a client that sends no HTTP with 400, and cuts it off', async () => {
    const server = await started();
    const { socket, answer, closed } = await dial(server.port);
    socket.write('\u0016\u0003\u0001 this is no HTTP\r\n\r\n');
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 400 /);
    expect(await serves(server)).toBe(true);
  });

  it('answers headers above limits.headerBytes with 431', async () => {
    const server = await started('[limits]\nheaderBytes = 2048');
    const { socket, answer, closed } = await dial(server.port);
    socket.write(`GET /auth HTTP/1.1\r\nhost: x\r\nx-bomb: ${'x'.repeat(4096)}\r\n\r\n`);
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 431 /);
    expect(await serves(server)).toBe(true);
  });

  it('cuts off clients that drip their headers or send none, and serves others meanwhile', async () => {
    const server = await started('[limits]\nheadersMs = 2000');
    const slow = await dial(server.port);
    const silent = await dial(server.port);
    slow.socket.write('GET /auth HTTP/1.1\r\nhost: x\r\n');
    const drip = setInterval(() => slow.socket.write('x: y\r\n'), 50);
    expect(await serves(server)).toBe(true);
    await Promise.all([slow.closed, silent.closed]);
    clearInterval(drip);
    expect(slow.answer()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await serves(server)).toBe(true);
  });

  it('answers a body that does not come in time with 408, and cuts the client off', async () => {
    const server = await started('[limits]\nbodyMs = 2000');
    const { socket, answer, closed } = await dial(server.port);
    socket.write(
      'POST /v1/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    expect(await serves(server)).toBe(true);
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers a body that is announced as too long with 413, and cuts the client off', async () => {
    const server = await started();
    const { socket, answer, closed } = await dial(server.port);
    socket.write(
      'POST /v1/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{',
    );
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 413 /);
    expect(await serves(server)).toBe(true);
  });

  it.each([
    ['GET /healthz', 200],
    ['GET /auth', 401],
    ['GET /v1/session', 401],
    ['HEAD /none', 404],
    ['POST /none', 404],
    ['DELETE /v1/session', 204],
    ['PUT /auth/page', 401],
  ])(
    'answers a dripping body of %s, which no route reads, and cuts the client off',
    async (line, status) => {
      const server = await started('[limits]\nidleMs = 60000\nkeepAliveMs = 60000');
      for (const framing of ['content-length: 1000000', 'Transfer-Encoding: chunked']) {
        const { socket, answer, closed } = await dial(server.port);
        socket.write(`${line} HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n`);
        const drip = setInterval(
          () => socket.write(framing.endsWith('chunked') ? '1\r\nx\r\n' : 'x'),
          20,
        );
        await closed;
        clearInterval(drip);
        expect(answer()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      }
      expect(await serves(server)).toBe(true);
    },
  );

  it('keeps the connection of a GET with content-length 0', async () => {
    const server = await started();
    const { socket, answer } = await dial(server.port);
    for (let count = 1; count <= 3; count++) {
      socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
      await expect.poll(() => answer().match(/HTTP\/1\.1 200/g)).toHaveLength(count);
    }
    expect(answer()).not.toMatch(/connection: close/i);
    socket.destroy();
  });

  it('closes a connection that is idle after its answer', async () => {
    const server = await started('[limits]\nkeepAliveMs = 300');
    const { socket, closed, answer } = await dial(server.port);
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers pipelined requests in order', async () => {
    const server = await started();
    const { socket, answer, closed } = await dial(server.port);
    const request = (path: string, token: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic(JID, token).authorization}\r\n${more}\r\n`;
    const used = freshToken();
    socket.write(
      request('/auth', used) +
        request('/auth', used) +
        request('/none', used) +
        request('/auth', freshToken(), 'connection: close\r\n'),
    );
    await closed;
    expect([...answer().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '401',
      '404',
      '200',
    ]);
  });

  it('serves others after clients that cut a request in the middle', async () => {
    const server = await started();
    for (const part of [
      'POST /v1/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"j',
      'POST /v1/verify/batch HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n5\r\nalice',
    ]) {
      const { socket, closed } = await dial(server.port);
      await new Promise((resolve) => socket.write(part, resolve));
      socket.destroy();
      await closed;
    }
    expect(await serves(server)).toBe(true);
    while (!server.log().includes('"ended":"cut"'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(server.lines().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('turns connections above limits.connections away until others are closed', async () => {
    const server = await started('[limits]\nconnections = 3');
    const held = await Promise.all([1, 2, 3].map(() => dial(server.port)));
    const fourth = await dial(server.port);
    await fourth.closed;
    expect(fourth.answer()).toBe('');
    for (const { socket } of held) socket.destroy();
    await Promise.all(held.map(({ closed }) => closed));
    expect(await serves(server)).toBe(true);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(
      /event="connection-refused"} 1/,
    );
  });
});

describe('a batch', () => {
  it('is cut off while its client reads no answer, after little of it was read', async () => {
    const server = await started('[limits]\nbatchIdleMs = 400\nidleMs = 800');
    const { socket, closed } = await dial(server.port);
    socket.pause();
    socket.write(
      'POST /v1/verify/batch HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const lines = `${JID}\tx\n`.repeat(4096);
    const chunk = `${lines.length.toString(16)}\r\n${lines}\r\n`;
    let isOver = false;
    void closed.then(() => {
      isOver = true;
    });
    let sent = 0;
    const before = process.memoryUsage().rss;
    while (!isOver) {
      if (socket.writableNeedDrain) await new Promise((resolve) => setTimeout(resolve, 20));
      else sent += socket.write(chunk) ? chunk.length : chunk.length;
    }
    expect(await serves(server)).toBe(true);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
});

describe('stopping the server', () => {
  /** Sends the head of a request, and waits until the server says that it has read it. */
  async function begun(socket: Socket, answer: () => string, bodyBytes: number): Promise<void> {
    socket.write(
      `POST /v1/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bodyBytes}\r\nexpect: 100-continue\r\n\r\n`,
    );
    await expect.poll(answer).toMatch(/^HTTP\/1\.1 100 /);
  }

  it('answers the request under way, and takes no other', async () => {
    const server = await started('[limits]\nbodyMs = 60000\ndrainMs = 60000');
    const { socket, answer, closed } = await dial(server.port);
    const body = JSON.stringify({ jid: JID, token: freshToken() });
    await begun(socket, answer, body.length);
    const stopped = server.running.stop();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    socket.write(body);
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 200 /m);
    expect(answer()).toMatch(/^connection: close\r$/im);
    expect(await stopped).toBe(true);
  });

  it('cuts off a request that is not done within limits.drainMs', async () => {
    const server = await started('[limits]\ndrainMs = 100\nbodyMs = 60000');
    const { socket, answer, closed } = await dial(server.port);
    await begun(socket, answer, 9);
    expect(await server.running.stop()).toBe(false);
    await closed;
  });
});

describe('a reload', () => {
  it('changes hosts and settings, and forgets no token', async () => {
    const server = await started();
    const token = freshToken();
    expect((await post(`${server.url}/v1/verify`, { jid: JID, token })).status).toBe(200);
    const jid = 'alice@more.example';
    const other = tokenOf({ jid, keys: OTHER_KEYS, step: STEP, nonce: 1 });
    expect((await post(`${server.url}/v1/verify`, { jid, token: other })).status).toBe(401);
    server.next = {
      text: '[auth]\nreasons = true',
      hosts: { ...HOSTS, 'more.example': OTHER_KEYS },
    };
    expect(await server.running.reload()).toBe(true);
    expect((await post(`${server.url}/v1/verify`, { jid, token: other })).status).toBe(200);
    const again = await post(`${server.url}/v1/verify`, { jid: JID, token });
    expect([again.status, (await again.json()).code]).toEqual([401, 'replayed']);
    server.next = { hosts: { 'more.example': OTHER_KEYS } };
    expect(await server.running.reload()).toBe(true);
    expect((await post(`${server.url}/v1/verify`, { jid: JID, token: freshToken() })).status).toBe(
      401,
    );
    server.next = {};
    expect(await server.running.reload()).toBe(true);
    expect((await post(`${server.url}/v1/verify`, { jid: JID, token })).status).toBe(401);
    expect(await serves(server)).toBe(true);
  });

  it.each([
    [
      'a bad key',
      { hosts: { 'example.com': { otpSeed: '0189018901890189', tokenSecret: 'x' } } },
      /hosts\["example.com"\].otpSeed/,
    ],
    ['a field that is not known', { text: 'lisen = 1' }, /lisen/],
    ['a value out of range', { text: '[limits]\nbodyBytes = 1' }, /limits.bodyBytes/],
    ['text that is not TOML', { text: 'x = ' }, /line 2/],
    ['other settings of the guard', { text: '[guard]\ncapacity = 7' }, /guard: cannot change/],
    ['other rules for tokens', { rules: { digits: 6 } }, /token: cannot change/],
    ['another address for HAProxy', { text: 'spoe.listen = "[::1]:1"' }, /spoe: cannot change/],
    ['another session secret', { sessionSecret: 'x'.repeat(32) }, /session.secret: cannot change/],
  ])('with %s is refused, and the old configuration stays', async (_what, next, why) => {
    const server = await started();
    server.next = next;
    expect(await server.running.reload()).toBe(false);
    expect(server.lines().at(-1)).toMatchObject({
      level: 'error',
      why: expect.stringMatching(why),
    });
    expect(
      leaks(server.log(), [KEYS.otpSeed, KEYS.tokenSecret, '0189018901890189', 'x'.repeat(32)]),
    ).toEqual([]);
    expect(await serves(server)).toBe(true);
  });

  it('with one bad setting changes nothing, its hosts included', async () => {
    const server = await started();
    const jid = 'alice@more.example';
    const token = tokenOf({ jid, keys: OTHER_KEYS, step: STEP, nonce: 2 });
    server.next = { text: "[auth]\nrealm = 'a\"b'", hosts: { 'more.example': OTHER_KEYS } };
    expect(await server.running.reload()).toBe(false);
    expect((await post(`${server.url}/v1/verify`, { jid, token })).status).toBe(401);
    expect(await serves(server)).toBe(true);
  });

  it('drops no request', async () => {
    const server = await started();
    const jids = Array.from({ length: 200 }, () => JID);
    const answers = Promise.all(
      jids.map((jid) => post(`${server.url}/v1/verify`, { jid, token: freshToken() })),
    );
    for (let i = 0; i < 20; i++) {
      server.next = { hosts: i % 2 ? HOSTS : { ...HOSTS, 'more.example': OTHER_KEYS } };
      expect(await server.running.reload()).toBe(true);
    }
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  });
});
