/**
 * Stock Prosody from Debian, which asks the gateway by Dovecot's protocol, and the real
 * @xmpp/client.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT } from '../../tools/lib/process.mjs';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { tempFolder } from '../package/temp.js';
import { freshToken, HOSTS } from '../unit/gateway/harness.js';
import { type Started, started } from '../unit/server/server-harness.js';
import { OTHER_KEYS, STEP, tokenOf } from '../unit/token/reference.js';
import { login } from './xmpp-login.js';
import { startServer } from './xmpp-process.js';
import { openStream, type XmppStream } from './xmpp-stream.js';

const folder = tempFolder();
let gateway: Started;
let prosody: Awaited<ReturnType<typeof startServer>>;
const ports = { c2s: 0, http: 0 };

// Node 20 has no global WebSocket.
vi.stubGlobal('WebSocket', WebSocket);

beforeAll(async () => {
  const program = fromDebian('prosody', 'prosody');
  fromDebian('../lib/prosody/modules/mod_auth_dovecot', 'prosody-modules');
  gateway = await started('[dovecot]\nlisten = "127.0.0.1:0"', {
    hosts: { ...HOSTS, 'other.example': OTHER_KEYS },
  });
  ports.c2s = await freePort();
  ports.http = await freePort();
  const port = gateway.running.dovecot?.split(':')[1] ?? '';
  const recipe = readFileSync(join(ROOT, 'docs', 'gateway', 'prosody-dovecot.cfg.lua'), 'utf8');
  // A second host with the same recipe.
  const other = recipe
    .slice(recipe.indexOf('VirtualHost'))
    .replaceAll('example.com', 'other.example');
  const head = `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${folder}"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.c2s} }
s2s_ports = { }
http_ports = { ${ports.http} }
https_ports = { }
modules_enabled = { "saslauth", "disco", "websocket" }
modules_disabled = { "s2s", "offline" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
consider_websocket_secure = true
http_default_host = "example.com"
`;
  const config = join(folder, 'prosody.cfg.lua');
  writeFileSync(config, (head + recipe + other).replaceAll('28484', port));
  prosody = await startServer(program, ['--config', config, '-F'], ports.c2s);
});

afterAll(() => prosody.stop());

describe.each([
  ['TCP', () => `xmpp://127.0.0.1:${ports.c2s}`],
  ['WebSocket', () => `ws://127.0.0.1:${ports.http}/xmpp-websocket`],
])('a login over %s with stock Prosody', (_, service) => {
  it('is accepted once', async () => {
    const token = freshToken();
    expect(await login(service(), 'alice', token)).toBe('alice@example.com');
    expect(await login(service(), 'alice', token)).toBe('not-authorized');
    expect(gateway.log()).toMatch(
      /"protocol":"dovecot","code":"replayed","jid":"alice@example.com"/,
    );
  });

  it('with the token of another user is refused', async () => {
    expect(await login(service(), 'bob', freshToken())).toBe('not-authorized');
  });

  it.each([
    ['zoë', 'zoë@example.com'],
    ['Zoë', 'zoë@example.com'],
    ['Straße', 'strasse@example.com'],
    ['用户', '用户@example.com'],
  ])('of %s is accepted', async (username, jid) => {
    expect(await login(service(), username, freshToken(jid))).toBe(jid);
  });
});

/**
 * SASL PLAIN by hand, as a client may send it. @returns `success`, or the condition of the failure.
 */
async function plain(host: string, authcid: string, token: string, authzid = ''): Promise<string> {
  const socket = connect(ports.c2s, '127.0.0.1').setEncoding('utf8');
  let said = '';
  socket.on('data', (text) => (said += text));
  const until = (pattern: RegExp) => expect.poll(() => said).toMatch(pattern);
  try {
    socket.write(
      `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="${host}" version="1.0">`,
    );
    await until(/<\/mechanisms>/);
    const message = Buffer.from(`${authzid}\0${authcid}\0${token}`).toString('base64');
    socket.write(
      `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${message}</auth>`,
    );
    await until(/<success|<\/failure>/);
    return /<success/.test(said) ? 'success' : (/<failure[^>]*><([\w-]+)/.exec(said)?.[1] ?? said);
  } finally {
    socket.destroy();
  }
}

describe('a login with PLAIN', () => {
  const tokenFor = (jid: string, nonce: number) =>
    jid.endsWith('@other.example')
      ? tokenOf({ jid, keys: OTHER_KEYS, step: STEP, nonce })
      : freshToken(jid);

  it.each([
    ['example.com', 'alice', 'alice@example.com', 'success'],
    ['example.com', 'alice@example.com', 'alice@example.com', 'success'],
    ['other.example', 'alice', 'alice@other.example', 'success'],
    ['other.example', 'bob@other.example', 'bob@other.example', 'success'],
    // Bob of another host would be logged in as bob of this one.
    ['example.com', 'bob@other.example', 'bob@other.example', 'not-authorized'],
    ['other.example', 'alice@example.com', 'alice@example.com', 'not-authorized'],
    ['other.example', 'alice', 'alice@example.com', 'not-authorized'],
  ])('at %s as %s with a token of %s is answered with %s', async (host, authcid, jid, outcome) => {
    expect(await plain(host, authcid, tokenFor(jid, Math.floor(Math.random() * 1e9)))).toBe(
      outcome,
    );
  });
});

/**
 * Prosody sends the logins of all users of a host over one connection, and those of strangers, too.
 */
describe('a client without an account', () => {
  const good = () => Buffer.from(`\0alice\0${freshToken()}`).toString('base64');
  const streams: XmppStream[] = [];
  const open = async () => {
    const stream = await openStream(ports.c2s, 'example.com');
    streams.push(stream);
    return stream;
  };
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });

  it.each([
    // Prosody takes stanzas of up to 10,000 bytes before a login.
    ['a message of 8.5 kB', 'A'.repeat(8_500)],
    ['a message of 9.6 kB', 'A'.repeat(9_600)],
    ['a line as long as the limit', 'A'.repeat(8_136)],
    ['a message of NULs', Buffer.alloc(6_000).toString('base64')],
    ['an empty message', '='],
  ])('that sends %s fails alone, and other streams log in before and after', async (_, text) => {
    const [before, bad] = [await open(), await open()];
    for (let times = 0; times < 3; times++) expect(await bad.auth(text)).toBe('not-authorized');
    expect(await before.auth(good())).toBe('success');
    expect(await (await open()).auth(good())).toBe('success');
  });

  it('that sends many long messages does not keep other clients from their logins', async () => {
    const flood = await Promise.all(Array.from({ length: 8 }, open));
    const users = await Promise.all(Array.from({ length: 4 }, open));
    const [refused, accepted] = await Promise.all([
      Promise.all(flood.map((stream) => stream.auth('A'.repeat(8_500)))),
      Promise.all(users.map((stream) => stream.auth(good()))),
    ]);
    expect(new Set(refused)).toEqual(new Set(['not-authorized']));
    expect(accepted).toEqual(Array(4).fill('success'));
  });
});

it('Prosody and the gateway write no token into a log', () => {
  expect(gateway.log() + prosody.output()).not.toMatch(/\d{40}/);
});
