/** ejabberd from Debian, which asks `totp-token extauth` by its external authentication. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { KEYS, tokenOf } from '../unit/token/reference.js';
import { startServer } from './xmpp-process.js';

// Without a space: ejabberd parts the program's arguments by them.
const folder = mkdtempSync(join(tmpdir(), 'totp-token-ejabberd-'));
const domain = 'example.com';
let port = 0;
let server: Awaited<ReturnType<typeof startServer>>;

/** Erlang finds Debian's libraries here. */
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

beforeAll(async () => {
  const erl = fromDebian('erl', 'erlang-base');
  fromDebian('ejabberdctl', 'ejabberd');
  port = await freePort();
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, JSON.stringify({ hosts: { [domain]: KEYS } }), { mode: 0o600 });
  const gateway = join(folder, 'gateway.toml');
  writeFileSync(
    gateway,
    `keys = "${keys}"\n[guard]\nrejectStepsBefore = "none"\n[log]\naccepted = true\n`,
  );
  const program = join(folder, 'totp-token');
  const main = join(ROOT, 'dist', 'cli', 'main.js');
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@" 2>>"${folder}/extauth.log"\n`,
  );
  chmodSync(program, 0o755);
  const recipe = readFileSync(join(ROOT, 'docs', 'gateway', 'ejabberd.yml'), 'utf8')
    .replace('totp-token extauth', `${program} extauth`)
    .replace('/etc/totp-token/gateway.toml', gateway);
  const config = join(folder, 'ejabberd.yml');
  const listen = `  - { port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s }`;
  writeFileSync(config, `hosts: ["${domain}"]\nloglevel: info\nlisten:\n${listen}\n${recipe}`);
  mkdirSync(join(folder, 'spool'));
  const args = ['-noinput', '-mnesia', 'dir', `"${folder}/spool"`, '-s', 'ejabberd'];
  server = await startServer(erl, args, port, {
    HOME: folder,
    ERL_LIBS: LIBRARIES,
    EJABBERD_CONFIG_PATH: config,
    EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    SPOOL_DIR: join(folder, 'spool'),
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The server's answer to one SASL PLAIN login, RFC 6120 §6.4. */
async function login(username: string, password: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let said = '';
  socket.on('data', (text) => (said += text));
  const until = async (pattern: RegExp) => {
    while (!pattern.test(said)) await once(socket, 'data');
  };
  const header = `<stream:stream to='${domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
  socket.write(`<?xml version='1.0'?>${header}`);
  await until(/<\/stream:features>/);
  const message = Buffer.from(`\0${username}\0${password}`).toString('base64');
  socket.write(
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${message}</auth>`,
  );
  await until(/<success|<\/failure>/);
  socket.destroy();
  return /<(success|not-authorized|temporary-auth-failure)/.exec(said)?.[1] ?? said;
}

let nonce = 1;
const freshToken = (jid: string) =>
  tokenOf({ jid, step: Math.floor(Date.now() / 30_000), nonce: nonce++ });

it('ejabberd accepts a token once', async () => {
  const token = freshToken('alice@example.com');
  expect(await login('alice', token)).toBe('success');
  expect(await login('alice', token)).toBe('not-authorized');
});

it('ejabberd refuses the token of another account and a malformed one', async () => {
  expect(await login('bob', freshToken('alice@example.com'))).toBe('not-authorized');
  expect(await login('alice', 'secret')).toBe('not-authorized');
});

it('ejabberd logs a user in under the prepared name', async () => {
  expect(await login('Zoë', freshToken('zoë@example.com'))).toBe('success');
});

it('ejabberd and the gateway write no token into a log', () => {
  const logs = ['extauth.log', 'ejabberd.log'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  expect(logs[0]).toMatch(/"protocol":"extauth","code":"accepted"/);
  expect(logs.join('') + server.output()).not.toMatch(/\d{40}/);
});
