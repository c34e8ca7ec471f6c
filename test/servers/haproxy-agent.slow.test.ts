/**
 * HAProxy with the recipe by SPOP, while its agent is killed, started again, stopped, hangs or reads
 * its configuration anew: whatever happens, nobody gets in whom the agent has not named.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIssuer, generateKeys } from '../../src/index.js';
import { freePort } from '../../tools/testbed/free-port.js';
import { tempFolder } from '../package/temp.js';
import { basic } from '../unit/gateway/harness.js';
import { type CgiApp, cgiApp } from './cgi-app.js';
import { launch } from './processes/gateway.js';
import { type RunningProxy, startProxy } from './proxy-stage.js';

const temp = tempFolder();
// No path that the recipe would have to quote.
const sockets = mkdtempSync(join(tmpdir(), 'totp-agent-'));
const config = join(temp, 'gateway.toml');
const [keys, otherKeys] = [generateKeys(), generateKeys()];
const writeKeys = (these: object) =>
  writeFileSync(join(temp, 'keys.json'), JSON.stringify({ hosts: { 'example.com': these } }), {
    mode: 0o600,
  });

let app: CgiApp;
let proxy: RunningProxy;
let port: number;
/** One connection of a client to HAProxy. */
let connection: Agent;

beforeAll(async () => {
  writeFileSync(
    config,
    `listen = "unix:${sockets}/http"
keys = "keys.json"
[spoe]
listen = "unix:${sockets}/spoe"
[guard]
rejectStepsBefore = "none"
[log]
accepted = true
`,
  );
  app = await cgiApp();
  port = await freePort();
  mkdirSync(join(temp, 'haproxy'));
  proxy = await startProxy('HAProxy', join(temp, 'haproxy'), {
    sockets,
    app: app.port,
    proxy: port,
  });
}, 180_000);
beforeEach(() => {
  writeKeys(keys);
  connection = new Agent({ keepAlive: true, maxSockets: 1 });
  return () => connection.destroy();
});
afterAll(async () => {
  await proxy?.stop();
  app?.close();
  rmSync(sockets, { recursive: true, force: true });
});

async function start() {
  const gateway = launch(['--config', config]);
  await gateway.until('stdout', /"msg":"listening"/);
  return gateway;
}

async function tokenOf(these = keys): Promise<Record<string, string>> {
  using issuer = await createIssuer({ hosts: { 'example.com': these } });
  return basic('alice@example.com', issuer.issue('alice@example.com'));
}

/** @returns The status, and the account that the application sees if the request reached it. */
async function ask(headers: Record<string, string> = {}): Promise<[number, ...string[]]> {
  const before = app.requests.length;
  const sent = request({ port, host: '127.0.0.1', path: '/page', agent: connection, headers });
  const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return [
    answer.statusCode!,
    ...app.requests.slice(before).map(({ env }) => env.HTTP_X_AUTH_JID ?? ''),
  ];
}

const ALICE: [number, string] = [200, 'alice@example.com'];

describe('an agent', { timeout: 180_000 }, () => {
  it('that is killed lets nobody in, and its successor does without a reload of HAProxy', async () => {
    const first = await start();
    expect(await ask(await tokenOf())).toEqual(ALICE);
    // On the same connection, the answer to an earlier request must not count.
    expect(await ask()).toEqual([401]);
    first.kill('SIGKILL');
    await first.result;
    expect(await ask(await tokenOf())).toEqual([503]);
    expect(await ask()).toEqual([503]);
    const second = await start();
    expect(await ask(await tokenOf())).toEqual(ALICE);
    second.kill('SIGTERM');
    expect(await second.result).toBe(0);
  });

  it('that is stopped disconnects properly, and ends without waiting for HAProxy', async () => {
    for (let round = 0; round < 2; round++) {
      const gateway = await start();
      expect(await ask(await tokenOf())).toEqual(ALICE);
      gateway.kill('SIGTERM');
      expect(await gateway.result).toBe(0);
      expect(gateway.output.stdout).toContain('"drained":true');
      expect(await ask(await tokenOf())).toEqual([503]);
    }
  });

  it('that hangs lets nobody in, and works again when it continues', async () => {
    const gateway = await start();
    const headers = await tokenOf();
    expect(await ask(await tokenOf())).toEqual(ALICE);
    gateway.kill('SIGSTOP');
    expect(await ask(headers)).toEqual([503]);
    gateway.kill('SIGCONT');
    expect(await ask(await tokenOf())).toEqual(ALICE);
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
  });

  it('takes new keys at a reload, also on open connections', async () => {
    const gateway = await start();
    expect(await ask(await tokenOf())).toEqual(ALICE);
    writeKeys(otherKeys);
    gateway.kill('SIGHUP');
    await gateway.until('stdout', /"msg":"reloaded"/);
    expect(await ask(await tokenOf())).toEqual([401]);
    expect(await ask(await tokenOf(otherKeys))).toEqual(ALICE);
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
  });

  it('gives each of many clients at a time its own account', async () => {
    const gateway = await start();
    const issuer = await createIssuer({ hosts: { 'example.com': keys } });
    const users = Array.from({ length: 200 }, (_, i) => `user${i}`);
    const before = app.requests.length;
    const many = new Agent({ keepAlive: true, maxSockets: 50 });
    const statuses = await Promise.all(
      users.map(async (user) => {
        const jid = `${user}@example.com`;
        const headers = basic(jid, issuer.issue(jid));
        const sent = request({ port, host: '127.0.0.1', path: `/${user}`, agent: many, headers });
        const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
        answer.resume();
        return answer.statusCode;
      }),
    );
    many.destroy();
    issuer.dispose();
    expect(new Set(statuses)).toEqual(new Set([200]));
    const known = app.requests
      .slice(before)
      .map(({ target, env }) => [target, env.HTTP_X_AUTH_USER]);
    expect(known.sort()).toEqual(users.map((user) => [`/${user}`, user]).sort());
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
  });
});
