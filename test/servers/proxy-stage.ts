import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parseConfig } from '../../src/server/config/parse.js';
import type { Config } from '../../src/server/config/schema.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { tempFolder } from '../package/temp.js';
import { type Started, started } from '../unit/server/server-harness.js';
import { type CgiApp, cgiApp } from './cgi-app.js';
import { type Relay, relay } from './relay.js';

interface Places {
  /** The folder of the sockets by which the gateway is reached: `http` and `spoe`. */
  readonly sockets: string;
  /** Ports. */
  readonly app: number;
  readonly proxy: number;
}

/** The recipe of the docs, with these places. */
const recipe = (name: string, { sockets, app, proxy }: Places) =>
  readFileSync(join(ROOT, 'docs', 'gateway', name), 'utf8')
    .replaceAll('/run/totp-token/', `${sockets}/`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${app}`)
    .replaceAll('127.0.0.1:8000', `127.0.0.1:${proxy}`);

type Command = [file: string, args: string[], env?: Record<string, string>];

/** How each proxy is started in the foreground, on the recipe of the docs. */
const COMMANDS: Record<string, (folder: string, places: Places) => Command> = {
  nginx: (folder, places) => {
    const file = fromDebian('nginx', 'nginx-light');
    // By default root's nginx runs its workers as a user who may not use the gateway's socket.
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path "${folder}/nginx-${name}";`)
      .join(' ');
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; ${user} pid "${folder}/nginx.pid"; error_log stderr; events {} http { access_log off; ${temp}\n${recipe('nginx.conf', places)} }`,
    );
    return [file, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']];
  },
  Caddy: (folder, places) => {
    const file = fromDebian('caddy', 'caddy');
    const config = `{\n\tadmin off\n\tauto_https off\n}\n${recipe('Caddyfile', places)}`;
    writeFileSync(join(folder, 'Caddyfile'), config);
    const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    return [file, args, { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }];
  },
  HAProxy: (folder, places) => haproxy(folder, places, 'haproxy.cfg', 'haproxy-spoe.conf'),
  'HAProxy with Lua': (folder, places) =>
    haproxy(folder, places, 'haproxy-lua.cfg', 'haproxy-auth.lua'),
};

function haproxy(folder: string, places: Places, main: string, beside: string): Command {
  const file = fromDebian('haproxy', 'haproxy');
  for (const name of [main, beside]) writeFileSync(join(folder, name), recipe(name, places));
  return [file, ['-db', '-C', folder, '-f', main]];
}

/** The recipes that can be run. */
export const RECIPES = Object.keys(COMMANDS);
/** Whether a recipe asks the gateway by SPOP and not by HTTP. */
export const isSpoe = (name: string): boolean => name === 'HAProxy';

export interface Stage {
  gateway: Started;
  /** Where the gateway's own sockets are: `gateway` and `agent`. */
  sockets: string;
  /** Between proxy and gateway; of a recipe that asks by SPOP, both connections. */
  relay: Relay;
  app: CgiApp;
  port: number;
  url: string;
  /** The output of the proxy so far. */
  readonly output: string;
}

export interface RunningProxy {
  output(): string;
  stop(): Promise<void>;
}

/** Starts a proxy on its recipe. @param folder - For its files. @returns Once it listens. */
export async function startProxy(
  name: string,
  folder: string,
  places: Places,
): Promise<RunningProxy> {
  const [file, args, env] = COMMANDS[name]!(folder, places);
  const proxy = spawn(file, args, { env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [proxy.stdout, proxy.stderr]) stream.on('data', (text) => (output += text));
  await listening(places.proxy, proxy, () => output);
  return {
    output: () => output,
    async stop() {
      if (proxy.exitCode !== null) return;
      proxy.kill('SIGTERM');
      await once(proxy, 'exit');
    },
  };
}

/**
 * Before the tests of a `describe`: a gateway, an application, and a proxy on its recipe between
 * both.
 */
export function stageOf(name: string): Stage {
  const stage = {
    get output() {
      return proxy?.output() ?? '';
    },
  } as Stage;
  let proxy: RunningProxy | undefined;
  const temp = tempFolder();

  beforeAll(async () => {
    const folder = join(temp, name);
    mkdirSync(folder);
    // No path that a recipe would have to quote.
    const sockets = mkdtempSync(join(tmpdir(), 'totp-proxy-'));
    stage.sockets = sockets;
    stage.port = await freePort();
    stage.url = `http://127.0.0.1:${stage.port}`;
    stage.gateway = await started('', { config: gatewayConfig(sockets, stage.url) });
    stage.relay = both(
      await relay(join(sockets, 'http'), join(sockets, 'gateway')),
      await relay(join(sockets, 'spoe'), join(sockets, 'agent')),
    );
    stage.app = await cgiApp();
    const places = { sockets, app: stage.app.port, proxy: stage.port };
    proxy = await startProxy(name, folder, places);
  }, 180_000);

  afterAll(async () => {
    await proxy?.stop();
    await stage.relay?.close();
    stage.app?.close();
    rmSync(stage.sockets, { recursive: true, force: true });
  });
  return stage;
}

/** Where people log in. Nothing listens there. */
export const LOGIN = 'http://login.example.com/';

/**
 * The gateway's configuration, with its sockets in a folder.
 *
 * @param origin - Where people are sent back to.
 * @param loginUrl - Where people log in.
 */
export const gatewayConfig = (sockets: string, origin: string, loginUrl = LOGIN): Config =>
  parseConfig(
    `listen = "unix:${sockets}/gateway"
[spoe]
listen = "unix:${sockets}/agent"
[auth]
defaultHost = "example.com"
loginUrl = "${loginUrl}"
allowedOrigins = ["${origin}", "${new URL(loginUrl).origin}"]
preflight = true
[session]
maxSeconds = 3600
[proxies]
trusted = ["unix"]`,
    'gateway.toml',
    {},
  );

/** Two relays as one. Heads are those of HTTP. */
function both(http: Relay, spoe: Relay): Relay {
  const each = (act: (one: Relay) => Promise<void>) => async () => {
    await Promise.all([act(http), act(spoe)]);
  };
  return {
    ...http,
    answerWith(text) {
      http.answerWith(text);
      spoe.answerWith(text);
    },
    cut: each((one) => one.cut()),
    close: each((one) => one.close()),
  };
}

/**
 * Tries until a connection is accepted. Only the limit of the test ends the attempts.
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
