import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { tempFolder } from '../package/temp.js';
import { type Started, started } from '../unit/server/server-harness.js';
import { type CgiApp, cgiApp } from './cgi-app.js';
import { type Relay, relayTo } from './relay.js';

interface Ports {
  readonly gateway: number;
  readonly app: number;
  readonly proxy: number;
}

/** The recipe of the docs, with these ports. */
const recipe = (name: string, ports: Ports) =>
  readFileSync(join(ROOT, 'docs', 'gateway', name), 'utf8')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.gateway}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${ports.app}`)
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${ports.proxy}`);

type Command = [file: string, args: string[], env?: Record<string, string>];

/** How each proxy is started in the foreground, on the recipe of the docs. */
const COMMANDS: Record<string, (folder: string, ports: Ports) => Command> = {
  nginx: (folder, ports) => {
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
  Caddy: (folder, ports) => {
    const file = fromDebian('caddy', 'caddy');
    const config = `{\n\tadmin off\n\tauto_https off\n}\n${recipe('Caddyfile', ports)}`;
    writeFileSync(join(folder, 'Caddyfile'), config);
    const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    return [file, args, { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }];
  },
  HAProxy: (folder, ports) => {
    const file = fromDebian('haproxy', 'haproxy');
    writeFileSync(join(folder, 'haproxy.cfg'), recipe('haproxy.cfg', ports));
    writeFileSync(join(folder, 'haproxy-auth.lua'), recipe('haproxy-auth.lua', ports));
    return [file, ['-db', '-C', folder, '-f', 'haproxy.cfg']];
  },
};

/** The proxies of the recipes that can be run. */
export const PROXIES = Object.keys(COMMANDS);

export interface Stage {
  gateway: Started;
  relay: Relay;
  app: CgiApp;
  port: number;
  url: string;
  /** What the proxy has printed. */
  output: string;
}

/**
 * Before the tests of a `describe`: a gateway, an application, and a proxy on its recipe between
 * both.
 */
export function stageOf(name: string): Stage {
  const stage = { output: '' } as Stage;
  let proxy: ChildProcess | undefined;
  const temp = tempFolder();

  beforeAll(async () => {
    const folder = join(temp, name);
    mkdirSync(folder);
    stage.gateway = await started(
      '[auth]\ndefaultHost = "example.com"\n[proxies]\ntrusted = ["127.0.0.1"]',
    );
    stage.relay = await relayTo(stage.gateway.port);
    stage.app = await cgiApp();
    stage.port = await freePort();
    stage.url = `http://127.0.0.1:${stage.port}`;
    const ports = { gateway: stage.relay.port, app: stage.app.port, proxy: stage.port };
    const [file, args, env] = COMMANDS[name]!(folder, ports);
    proxy = spawn(file, args, { env: { ...process.env, ...env } });
    for (const stream of [proxy.stdout!, proxy.stderr!])
      stream.on('data', (text) => (stage.output += text));
    await listening(stage.port, proxy, () => stage.output);
  }, 180_000);

  afterAll(async () => {
    if (proxy?.exitCode === null) {
      proxy.kill('SIGTERM');
      await once(proxy, 'exit');
    }
    await stage.relay?.close();
    stage.app?.close();
  });
  return stage;
}

/**
 * Connects until somebody accepts; how long that may take is the business of the test's own limit.
 */
async function listening(port: number, proxy: ChildProcess, output: () => string): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    if (proxy.exitCode !== null)
      throw new Error(`the proxy ended with ${proxy.exitCode}\n${output()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
