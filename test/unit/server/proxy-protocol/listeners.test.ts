/** Listeners that take a header of the PROXY protocol first: who may send it, and what follows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/server/config/parse.js';
import { DovecotServer } from '../../../../src/server/dovecot.js';
import { GatewayServer } from '../../../../src/server/http.js';
import { clientOf } from '../../../../src/server/observe/client.js';
import { ACCEPTED, auth, HELLO } from '../../gateway/protocols/dovecot-session.js';

const { limits } = parseConfig('', 'gateway.toml', {});
const folder = mkdtempSync(join(tmpdir(), 'totp-header-'));
afterAll(() => rmSync(folder, { recursive: true }));

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
const TCP4 = 'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n';
const V2 = Buffer.from(
  '0d0a0d0a000d0a515549540a' + '2111000c' + 'c0000201' + 'c6336402' + 'dc0401bb',
  'hex',
).toString('latin1');
const LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex').toString('latin1');

/** An HTTP server behind the header, that answers with the address of its client. */
async function http(address = '127.0.0.1:0', headerMs = 60_000) {
  const state = { trusted: ['127.0.0.1', 'unix'] as readonly string[], refused: 0, asked: 0 };
  const server = new GatewayServer(limits, {
    fetch: (_request, env) => {
      state.asked++;
      const { incoming } = env as { incoming: Parameters<typeof clientOf>[0] };
      const { trusted } = state;
      return new Response(`client ${clientOf(incoming, { trusted, header: 'x-forwarded-for' })}`);
    },
    responded() {},
    refused() {},
    unreadable() {},
    proxyProtocol: { trusted: () => state.trusted, headerMs, refused: () => void state.refused++ },
  });
  const at = await server.listen(address, { mode: '0600' });
  const to = at.startsWith('unix:') ? { path: at.slice(5) } : { port: Number(new URL(at).port) };
  return { server, state, to };
}

/** Sends pieces one after the other, each once the one before has left; returns the answer. */
async function send(
  to: { path: string } | { port: number },
  pieces: readonly string[],
  isEnding = false,
): Promise<string> {
  const socket: Socket = connect({ host: '127.0.0.1', noDelay: true, ...to }).setEncoding('latin1');
  let answer = '';
  socket.on('data', (text) => (answer += text)).on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (const piece of pieces)
    await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => resolve()));
  if (isEnding) socket.end();
  await closed;
  return answer;
}
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

describe('an HTTP listener that takes the header', () => {
  let listener: Awaited<ReturnType<typeof http>>;
  beforeAll(async () => {
    listener = await http();
    return async () => void (await listener.server.close(0));
  });
  const ask = (...pieces: string[]) => send(listener.to, pieces);

  it.each([
    ['version 1', [`${TCP4}${REQUEST}\r\n`], '192.0.2.1'],
    ['version 2', [`${V2}${REQUEST}\r\n`], '192.0.2.1'],
    ['LOCAL', [`${LOCAL}${REQUEST}\r\n`], '127.0.0.1'],
    ['UNKNOWN', [`PROXY UNKNOWN\r\n${REQUEST}\r\n`], '127.0.0.1'],
    ['a request behind it', [TCP4, `${REQUEST}\r\n`], '192.0.2.1'],
    ['a header byte by byte', [...V2, `${REQUEST}\r\n`], '192.0.2.1'],
    [
      'a request in pieces',
      [`${TCP4}GET`, ' / HTTP/1.1\r\nHo', `st: a\r\n`, 'Connection: close\r\n\r\n'],
      '192.0.2.1',
    ],
    ['a mapped address', [`PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n${REQUEST}\r\n`], '192.0.2.7'],
  ])(
    'answers the request behind %s, of the client that it names',
    async (_what, pieces, client) => {
      expect(bodyOf(await ask(...pieces))).toBe(`client ${client}`);
    },
  );

  it('does not believe a header of HTTP from the client that it names', async () => {
    const forged = `${REQUEST}X-Forwarded-For: 203.0.113.9\r\n\r\n`;
    expect(bodyOf(await ask(TCP4 + forged))).toBe('client 192.0.2.1');
    // But from a trusted proxy behind another one.
    const between = 'PROXY TCP4 127.0.0.1 198.51.100.2 56324 443\r\n';
    expect(bodyOf(await ask(between + forged))).toBe('client 203.0.113.9');
  });

  it.each([
    ['UNKNOWN', 'PROXY UNKNOWN\r\n'],
    ['a unix socket', V2.replace('\x21\x11\x00\x0c', '\x21\x31\x00\xd8').padEnd(232, 'x')],
    ['an unspecified family', LOCAL.replace('\x20', '\x21')],
  ])(
    'does not believe a header of HTTP from a client that the proxy does not know: %s',
    async (_what, header) => {
      const forged = `${REQUEST}X-Forwarded-For: 203.0.113.9\r\n\r\n`;
      expect(bodyOf(await ask(header + forged))).toBe('client 127.0.0.1');
    },
  );

  it('answers several requests of one connection', async () => {
    const first = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const answer = await ask(`${TCP4}${first}${first}${REQUEST}\r\n`);
    expect(answer.match(/client 192\.0\.2\.1/g)).toHaveLength(3);
  });

  it('answers a client that ends its side behind the request', async () => {
    expect(bodyOf(await send(listener.to, [`${V2}${REQUEST}\r\n`], true))).toBe('client 192.0.2.1');
  });

  it.each([
    ['no header', `${REQUEST}\r\n`],
    ['a header that is not in form', `PROXY TCP4 192.0.2.1\r\n${REQUEST}\r\n`],
    ['two line feeds for the end of the header', `PROXY UNKNOWN\n\n${REQUEST}\r\n`],
    ['a second header', `${TCP4}${TCP4}${REQUEST}\r\n`],
    ['107 bytes and more without an end', 'PROXY UNKNOWN '.padEnd(2000, 'x')],
  ])('answers no request behind %s', async (_what, text) => {
    const { asked } = listener.state;
    const answer = await ask(text);
    expect([listener.state.asked, answer]).toEqual([
      asked,
      answer && expect.stringMatching(/ 400 /),
    ]);
  });

  it('counts what it cuts off, and not a check whether it is there', async () => {
    const { refused } = listener.state;
    await send(listener.to, [], true);
    expect(listener.state.refused).toBe(refused);
    await send(listener.to, ['PROXY TCP4 192'], true);
    expect(listener.state.refused).toBe(refused + 1);
  });

  it('takes no connection of a peer that is not trusted, whatever it sends', async () => {
    const { refused, asked, trusted } = listener.state;
    listener.state.trusted = ['192.0.2.1', 'unix'];
    expect([await ask(`${TCP4}${REQUEST}\r\n`), await ask(`${REQUEST}\r\n`)]).toEqual(['', '']);
    listener.state.trusted = trusted;
    expect([listener.state.refused, listener.state.asked]).toEqual([refused + 2, asked]);
  });
});

it('a header that does not come in time ends its connection', async () => {
  const { server, state, to } = await http('127.0.0.1:0', 1);
  expect(await send(to, ['PROXY TCP4 '])).toBe('');
  expect(state.refused).toBe(1);
  await server.close(0);
});

it('a server that closes does not wait for headers', async () => {
  const { server, to } = await http();
  const closed = send(to, ['PROXY TCP4 ']);
  // The connection has been taken once another one behind it is answered.
  await send(to, [`${TCP4}${REQUEST}\r\n`]);
  expect(await server.close(60_000)).toBe(true);
  expect(await closed).toBe('');
});

it('on a unix socket the client that the header names counts, and the peer without one', async () => {
  const { server, to } = await http(`unix:${join(folder, 'http')}`);
  expect(bodyOf(await send(to, [`${TCP4}${REQUEST}\r\n`]))).toBe('client 192.0.2.1');
  const forged = `${REQUEST}X-Forwarded-For: 203.0.113.9\r\n\r\n`;
  expect(bodyOf(await send(to, [TCP4 + forged]))).toBe('client 192.0.2.1');
  expect(bodyOf(await send(to, [LOCAL + forged]))).toBe('client 203.0.113.9');
  await server.close(0);
});

it('a listener of Dovecot takes the header too', async () => {
  let refused = 0;
  const server = new DovecotServer(
    { host: 'example.com', connections: 10 },
    {
      check: () => ACCEPTED,
      refuse() {},
      hosts: () => ['example.com'],
      refused() {},
      proxyProtocol: {
        trusted: () => ['127.0.0.1'],
        headerMs: 60_000,
        refused: () => void refused++,
      },
    },
  );
  const at = await server.listen('127.0.0.1:0', { mode: '0660' });
  const to = { port: Number(at.split(':')[1]) };
  expect(await send(to, [`${TCP4}${HELLO}${auth(1, 'good')}`], true)).toMatch(/\nOK\t1\t/);
  expect(await send(to, [`${HELLO}${auth(1, 'good')}`])).toBe('');
  expect(refused).toBe(1);
  await server.close(0);
});

it.each([
  ['listenProxyProtocol = true', 'proxies.trusted'],
  ['[dovecot]\nproxyProtocol = true', 'proxies.trusted'],
])('a configuration with %j and without trusted proxies is refused', (text, field) => {
  expect(() => parseConfig(text, 'g.toml', {})).toThrow(`g.toml: ${field}: not usable; name`);
  const good = `${text}\n[proxies]\ntrusted = ["unix"]`;
  expect(() => parseConfig(good, 'g.toml', {})).not.toThrow();
});
