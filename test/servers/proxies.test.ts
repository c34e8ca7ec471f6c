import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/lib/free-port.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { tempFolder } from '../package/temp.js';
import { basic, freshToken } from '../unit/gateway/harness.js';
import { type Started, started } from '../unit/gateway/server-harness.js';
import { JID } from '../unit/token/reference.js';
import { fromDebian } from './debian.js';

const folder = tempFolder();

/** The recipe of the docs, with these ports. */
function recipe(name: string, ports: { gateway: number; app: number; proxy: number }): string {
  return readFileSync(join(ROOT, 'docs', 'gateway', name), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.gateway}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${ports.app}`)
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${ports.proxy}`);
}

interface Ports {
  readonly gateway: number;
  readonly app: number;
  readonly proxy: number;
}

/** How each proxy is started in the foreground, on the recipe of the docs. */
const PROXIES: Record<
  string,
  (ports: Ports) => [file: string, args: string[], env?: Record<string, string>]
> = {
  nginx: (ports) => {
    const file = fromDebian('nginx', 'nginx-light');
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path "${folder}/nginx-${name}";`)
      .join(' ');
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid "${folder}/nginx.pid"; error_log stderr; events {} http { access_log off; ${temp}\n${recipe('nginx.conf', ports)} }`,
    );
    return [file, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']];
  },
  Caddy: (ports) => {
    const file = fromDebian('caddy', 'caddy');
    const config = `{\n\tadmin off\n\tauto_https off\n}\n${recipe('Caddyfile', ports)}`;
    writeFileSync(join(folder, 'Caddyfile'), config);
    const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    return [file, args, { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }];
  },
  HAProxy: (ports) => {
    const file = fromDebian('haproxy', 'haproxy');
    writeFileSync(join(folder, 'haproxy.cfg'), recipe('haproxy.cfg', ports));
    writeFileSync(join(folder, 'haproxy-auth.lua'), recipe('haproxy-auth.lua', ports));
    return [file, ['-db', '-C', folder, '-f', 'haproxy.cfg']];
  },
};

describe.each(Object.keys(PROXIES))('%s', (name) => {
  let gateway: Started;
  let app: Server;
  let proxy: ChildProcess;
  let url: string;
  let output = '';
  /** What reached the application. */
  const reached: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    gateway = await started('[auth]\ndefaultHost = "example.com"\n[proxies]\ntrusted = ["127.0.0.1"]');
    app = createServer((request, response) => {
      reached.push(request.headers);
      response.end('the application');
    }).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const ports = {
      gateway: gateway.port,
      app: (app.address() as AddressInfo).port,
      proxy: await freePort(),
    };
    const [file, args, env] = PROXIES[name]!(ports);
    proxy = spawn(file, args, { env: { ...process.env, ...env } });
    for (const stream of [proxy.stdout!, proxy.stderr!]) stream.on('data', (text) => (output += text));
    url = `http://127.0.0.1:${ports.proxy}`;
    while (
      !(await fetch(url).then(
        () => true,
        () => false,
      ))
    ) {
      if (proxy.exitCode !== null) throw new Error(`${name} ended with ${proxy.exitCode}\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  afterAll(async () => {
    if (proxy.exitCode === null) {
      proxy.kill('SIGTERM');
      await once(proxy, 'exit');
    }
    app.closeAllConnections();
    app.close();
  });

  const ask = async (headers: Record<string, string>, path = '/page?x=1', method = 'GET') => {
    const before = reached.length;
    const answer = await fetch(url + path, {
      method,
      headers,
      ...(method === 'POST' ? { body: 'a body' } : {}),
    });
    await answer.text();
    return { answer, status: answer.status, got: reached.slice(before) };
  };

  it('lets a good token in once, and the application knows who came', async () => {
    const headers = basic('alice', freshToken());
    const { status, got } = await ask(headers);
    expect([status, got.length]).toEqual([200, 1]);
    expect(got[0]).toMatchObject({
      'x-auth-jid': JID,
      'x-auth-user': 'alice',
      'x-auth-host': 'example.com',
      'remote-user': JID,
    });
    expect(got[0]!.authorization ?? '').toBe('');
    expect(await ask(headers)).toMatchObject({ status: 401, got: [] });
  });

  it('lets a POST in with its body', async () => {
    expect(await ask(basic('alice', freshToken()), '/form', 'POST')).toMatchObject({ status: 200 });
  });

  it.each([
    ['nobody', {}],
    ['garbage', { authorization: 'Basic %%%' }],
    ['another user with the token', basic('bob', freshToken())],
    ['an old token', basic('alice', freshToken(JID, 1))],
    ['headers that only the gateway may write', { 'x-auth-jid': JID, 'remote-user': JID }],
  ])('refuses %s, and asks for credentials', async (_who, headers) => {
    const { status, got, answer } = await ask(headers);
    expect([status, got]).toEqual([401, []]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="totp-token"/);
  });

  it('overwrites an identity that the client made up', async () => {
    const forged = { 'x-auth-jid': 'root@example.com', 'x-auth-user': 'root', 'remote-user': 'root' };
    const { got } = await ask({ ...basic('alice', freshToken()), ...forged });
    expect(got[0]).toMatchObject({ 'x-auth-jid': JID, 'x-auth-user': 'alice', 'remote-user': JID });
  });

  it('lets a session in as long as it lasts', async () => {
    const begun = await fetch(`${url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jid: JID, token: freshToken() }),
    });
    expect(begun.status).toBe(200);
    const cookie = begun.headers.get('set-cookie')!.split(';')[0]!;
    for (const cookies of [
      [cookie],
      ['a=1', cookie],
      [cookie, 'b=2'],
      ['a=1', cookie, 'b=2'],
      [`x${cookie}`, cookie],
    ]) {
      const { status, got } = await ask({ cookie: cookies.join('; ') });
      expect(status).toBe(200);
      // The application gets its own cookies, and not the session.
      const names = (got[0]?.cookie ?? '').split(/; */).filter(Boolean);
      expect(names).toEqual(cookies.filter((each) => each !== cookie));
    }
    expect((await fetch(`${url}/v1/session`, { method: 'DELETE', headers: { cookie } })).status).toBe(204);
    expect(await ask({ cookie })).toMatchObject({ status: 401, got: [] });
  });

  it("puts the client's address into the gateway's log, past the proxy", async () => {
    await ask(basic('alice', 'no token'));
    expect(gateway.lines().at(-1)).toMatchObject({ msg: 'rejected', client: '127.0.0.1' });
  });

  it('lets nobody in while the gateway is gone', async () => {
    await gateway.running.stop();
    const { status, got } = await ask(basic('alice', freshToken()));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(got).toEqual([]);
  });
});
