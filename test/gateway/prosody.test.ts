/** Stock Prosody from Debian, which asks the gateway by Dovecot's protocol, and the real @xmpp/client. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT } from '../../.dev/lib/process.mjs';
import { freePort } from '../../bench/lib/free-port.js';
import { tempFolder } from '../package/temp.js';
import { fromDebian } from './debian.js';
import { freshToken } from './harness.js';
import { type Started, started } from './server-harness.js';
import { login } from './xmpp-login.js';
import { startServer } from './xmpp-process.js';

const folder = tempFolder();
let gateway: Started;
let prosody: Awaited<ReturnType<typeof startServer>>;
const ports = { c2s: 0, http: 0 };

// Node 20 has none.
vi.stubGlobal('WebSocket', WebSocket);

beforeAll(async () => {
  const program = fromDebian('prosody', 'prosody');
  fromDebian('../lib/prosody/modules/mod_auth_dovecot', 'prosody-modules');
  gateway = await started('[dovecot]\nlisten = "127.0.0.1:0"');
  ports.c2s = await freePort();
  ports.http = await freePort();
  const port = gateway.running.dovecot?.split(':')[1] ?? '';
  const recipe = readFileSync(join(ROOT, 'docs', 'gateway', 'prosody-dovecot.cfg.lua'), 'utf8');
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
  writeFileSync(config, head + recipe.replaceAll('28484', port));
  prosody = await startServer(program, ['--config', config, '-F'], ports.c2s);
}, 180_000);

afterAll(() => prosody.stop());

describe.each([
  ['TCP', () => `xmpp://127.0.0.1:${ports.c2s}`],
  ['WebSocket', () => `ws://127.0.0.1:${ports.http}/xmpp-websocket`],
])('a login over %s', (_, service) => {
  it('is accepted once', async () => {
    const token = freshToken();
    expect(await login(service(), 'alice', token)).toBe('alice@example.com');
    expect(await login(service(), 'alice', token)).toBe('not-authorized');
    expect(gateway.log()).toMatch(/"face":"dovecot","code":"replayed","jid":"alice@example.com"/);
  });

  it('with the token of another is refused', async () => {
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

it('no token is in a log', () => {
  expect(gateway.log() + prosody.output()).not.toMatch(/\d{40}/);
});
