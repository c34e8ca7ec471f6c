/** HAProxy before the gateway's own listeners, by the PROXY protocol in both versions. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { basic, freshToken } from '../unit/gateway/harness.js';
import { auth, HELLO } from '../unit/gateway/protocols/dovecot-session.js';
import { type Started, started } from '../unit/server/server-harness.js';

const folder = mkdtempSync(join(tmpdir(), 'totp-haproxy-'));

/** What HAProxy sends, by the options of a server. */
const VERSIONS = {
  'version 1': 'send-proxy',
  'version 2': 'send-proxy-v2',
  'version 2 with vectors and a checksum':
    'send-proxy-v2 proxy-v2-options crc32c,unique-id,authority',
} as const;
type Version = keyof typeof VERSIONS;

let gateway: Started;
let haproxy: ChildProcess;
const ports = new Map<string, number>();

beforeAll(async () => {
  const dovecot = join(folder, 'dovecot');
  gateway = await started(`listenProxyProtocol = true
[dovecot]
listen = "unix:${dovecot}"
host = "example.com"
proxyProtocol = true
[proxies]
trusted = ["127.0.0.1", "unix"]
[log]
accepted = true`);
  const proxies: string[] = [];
  for (const [i, [version, options]] of Object.entries(VERSIONS).entries()) {
    for (const [name, to] of [
      ['http', `127.0.0.1:${gateway.port}`],
      ['dovecot', `unix@${dovecot}`],
    ] as const) {
      const port = await freePort();
      ports.set(`${name} ${version}`, port);
      proxies.push(`listen ${name}-${i}
    bind 127.0.0.1:${port}
    unique-id-format %{+X}o\\ %ci-%cp
    server gateway ${to} ${options} source 127.0.0.1`);
    }
  }
  // A check of HAProxy's own is LOCAL, and its server is used only once it is up.
  const checked = await freePort();
  ports.set('http checked', checked);
  proxies.push(`listen checked
    bind 127.0.0.1:${checked}
    server gateway 127.0.0.1:${gateway.port} send-proxy-v2 check inter 100ms`);
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
${proxies.join('\n')}
`,
  );
  haproxy = spawn(fromDebian('haproxy', 'haproxy'), ['-db', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  haproxy.stderr?.on('data', (text) => (output += text));
  for (const port of ports.values()) {
    while (!(await isOpen(port)))
      if (haproxy.exitCode !== null) throw new Error(`HAProxy ended: ${output}`);
  }
}, 180_000);

afterAll(async () => {
  if (haproxy?.exitCode === null) {
    haproxy.kill('SIGTERM');
    await once(haproxy, 'exit');
  }
  rmSync(folder, { recursive: true });
});

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  if (!answer) await new Promise((resolve) => setImmediate(resolve));
  return answer;
}

const lastLine = () => gateway.lines().findLast(({ msg }) => msg === 'accepted');
const versions = Object.keys(VERSIONS) as Version[];

describe('behind HAProxy', () => {
  it.each([...versions, 'checked'])('HTTP is answered: %s', async (version) => {
    const url = `http://127.0.0.1:${ports.get(`http ${version}`)}/auth`;
    // 127.0.0.2 is no trusted proxy, and named by HAProxy alone.
    const answer = await ask(url, '127.0.0.2');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(lastLine()).toMatchObject({ protocol: 'auth', client: '127.0.0.2' });
  });

  it.each(versions)('Dovecot is answered over a unix socket: %s', async (version) => {
    const socket = connect(ports.get(`dovecot ${version}`)!, '127.0.0.1').setEncoding('utf8');
    let said = '';
    socket.on('data', (text) => (said += text));
    socket.write(`${HELLO}${auth(1, freshToken())}`);
    while (!/\n(OK|FAIL)\t1\t/.test(said)) await once(socket, 'data');
    expect(said).toMatch(/\nOK\t1\t/);
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  });

  it('nobody is answered who comes without HAProxy', async () => {
    expect(await ask(gateway.url, '127.0.0.1')).toBe('');
    expect(await ask(gateway.url, '127.0.0.2')).toBe('');
  });
});

/** The answer to a fresh token from an address of this machine. */
async function ask(url: string, localAddress: string): Promise<string> {
  const { port, pathname } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => (text += chunk));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const { authorization } = basic('alice@example.com', freshToken());
  const forged = 'X-Forwarded-For: 203.0.113.9';
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: a\r\n${forged}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
  );
  await closed;
  return text;
}
