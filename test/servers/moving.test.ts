/**
 * docs/moving-from-mod_auth_token.md, from Prosody's old configuration to logins at two hosts
 * behind one gateway.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostKeys } from '../../src/index.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { freePort } from '../../tools/testbed/free-port.js';
import { fromDebian } from '../../tools/testbed/programs.js';
import { blocksOf } from '../docs/doctest/blocks.js';
import { runTranscript } from '../docs/doctest/transcript.js';
import { tempFolder } from '../package/temp.js';
import { begin } from '../unit/cli/gateway-process.js';
import { PERIOD_MS, tokenOf } from '../unit/token/reference.js';
import { login } from './xmpp-login.js';
import { startServer } from './xmpp-process.js';

const folder = tempFolder();
const blocks = blocksOf('docs/moving-from-mod_auth_token.md');
/** The block of the guide that contains a text, with its paths moved into our folder. */
function block(text: string): string {
  const { code = '' } = blocks.find((each) => each.code.includes(text)) ?? {};
  return code
    .replaceAll('/etc/prosody/', `'${folder}'/`)
    .replaceAll(' /etc/totp-token/', ' ')
    .replaceAll('"/etc/totp-token/', '"');
}

let program: string;
beforeAll(() => {
  program = fromDebian('prosody', 'prosody');
  fromDebian('../lib/prosody/modules/mod_auth_dovecot', 'prosody-modules');
  copyFileSync(
    join(ROOT, 'docs', 'gateway', 'keys-of-prosody.lua'),
    join(folder, 'keys-of-prosody.lua'),
  );
  writeFileSync(join(folder, 'prosody.cfg.lua'), block('token_secret = "another secret"'));
});

const keys = (): Record<string, HostKeys> =>
  JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')).hosts;

it('the guide extracts the keys from the configuration of Prosody', async () => {
  // The Lua interpreter that this Prosody uses.
  const lua = /lua[\d.]*/.exec(readFileSync(program, 'utf8').split('\n', 1)[0] ?? '')?.[0] ?? 'lua';
  await runTranscript(block('keys-of-prosody.lua').replace('lua5.4', lua), folder);
  expect(keys()).toEqual({
    'example.com': { otpSeed: 'XVGR73KMZH2M4XMY', tokenSecret: 'JYXEX4IQOEYFYQ2S3MC5P4ZT4SDHYEA7' },
    'example.org': { otpSeed: 'E3W374VRSFO4NVKEMZXW6YTBOI', tokenSecret: 'another secret' },
  });
});

it('the guide verifies a token of the application', async () => {
  expect(await runTranscript(block('totp-token verify'), folder)).toMatch(/"code":"accepted"/);
});

it('the guide has a configuration with which the gateway starts', async () => {
  writeFileSync(join(folder, 'gateway.toml'), block('[dovecot]').replace('28484', '0'));
  expect(await runTranscript(block('totp-token gateway --config'), folder)).toMatch(
    /usable[\s\S]*listening/,
  );
});

describe('logins after the guide', () => {
  let gateway: Awaited<ReturnType<typeof begin>>;
  let prosody: Awaited<ReturnType<typeof startServer>>;
  let c2s: number;
  let nonce = 0n;
  const login_ = (host: string, token: string) =>
    login(`xmpp://127.0.0.1:${c2s}`, 'alice', token, host);
  const freshToken = (host: string, jid = `alice@${host}`) =>
    tokenOf({
      keys: keys()[host] as HostKeys,
      jid,
      step: Math.floor(Date.now() / PERIOD_MS),
      nonce: `${nonce++}`.padStart(32, '7'),
    });

  beforeAll(async () => {
    gateway = await begin(['--config', join(folder, 'gateway.toml')], {
      TOTP_TOKEN_GATEWAY_LISTEN: '127.0.0.1:0',
      TOTP_TOKEN_GATEWAY_GUARD_REJECT_STEPS_BEFORE: 'none',
    });
    const [, port = ''] = await gateway.until('stdout', /"dovecot":"127\.0\.0\.1:(\d+)"/);
    c2s = await freePort();
    const config = join(folder, 'new.cfg.lua');
    const head = `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${folder}"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${c2s} }
s2s_ports = { }
modules_disabled = { "s2s", "offline" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
`;
    const hosts = [block('service_name = "example.org"'), block('beta.example.com')];
    writeFileSync(config, (head + hosts.join('\n')).replaceAll('28484', port));
    prosody = await startServer(program, ['--config', config, '-F'], c2s);
  });
  afterAll(async () => {
    await prosody.stop();
    gateway.child.kill('SIGTERM');
    await gateway.result;
  });

  it.each(['example.com', 'example.org'])(
    'at %s are accepted once, with its keys alone',
    async (host) => {
      const token = freshToken(host);
      expect(await login_(host, token)).toBe(`alice@${host}`);
      expect(await login_(host, token)).toBe('not-authorized');
      const other = host === 'example.com' ? 'example.org' : 'example.com';
      expect(await login_(host, freshToken(other))).toBe('not-authorized');
      expect(await login_(host, freshToken(other, `alice@${host}`))).toBe('not-authorized');
    },
  );

  it('at a host without keys are refused', async () => {
    expect(await login_('beta.example.com', freshToken('example.com'))).toBe('not-authorized');
    expect(
      await login_('beta.example.com', freshToken('example.com', 'alice@beta.example.com')),
    ).toBe('not-authorized');
  });
});
