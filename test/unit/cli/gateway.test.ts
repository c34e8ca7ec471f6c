import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NotifySocket } from '../../../tools/testbed/notify-socket.js';
import { KEYS, leaks, run, SECRET, SEED, temporaryFolder } from './binary.js';
import { begin, freshToken, verify } from './gateway-process.js';
import { quoted, runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const isPosix = process.platform !== 'win32';

const config = (name: string, text: string) =>
  folder.file(
    name,
    `listen = "127.0.0.1:0"\nkeys = "keys.json"\n[guard]\nrejectStepsBefore = "none"\n${text}`,
  );

describe.runIf(isPosix)('totp-token gateway', () => {
  it('serves, reloads on SIGHUP without forgetting a token, refuses a bad file, ends on SIGTERM', async () => {
    const file = config('gateway.toml', '');
    const systemd = await NotifySocket.open(join(folder.path, 'notify.sock'));
    onTestFinished(() => systemd.close());
    const { child, result, until, address, output } = await begin(['--config', file], systemd.env);
    const token = freshToken(1);
    expect((await verify(address, token)).status).toBe(200);
    // Type=notify of the unit, where this machine has systemd's program.
    if (systemd.isUsable) expect(await systemd.message()).toBe('READY=1');

    config('gateway.toml', '[auth]\nreasons = true');
    child.kill('SIGHUP');
    await until('stdout', /"msg":"reloaded"/);
    expect(await (await verify(address, token)).json()).toMatchObject({ code: 'replayed' });

    writeFileSync(join(folder.path, 'keys.json'), '{"hosts": {}}');
    child.kill('SIGHUP');
    await until('stdout', /reload refused/);
    writeFileSync(join(folder.path, 'keys.json'), JSON.stringify({ hosts: KEYS }));
    expect((await verify(address, freshToken(2))).status).toBe(200);

    child.kill('SIGTERM');
    expect(await result).toMatchObject({ code: 0, signal: null });
    expect(output.stdout).toContain('"drained":true');
    expect(leaks(output.stdout + output.stderr, [SEED, SECRET, ...token.split(' ')])).toEqual([]);
  });

  it('listens on a unix socket, replaces one that a killed process left, and none that is in use', async () => {
    const path = join(folder.path, 'gateway.sock');
    const args = ['--keys', keys, '--listen', `unix:${path}`];
    const first = await begin(args);
    first.child.kill('SIGKILL');
    await first.result;
    const { child, result, address } = await begin(args);
    expect(address).toBe(`unix:${path}`);
    expect(await run(['gateway', ...args])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EADDRINUSE'),
    });
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 0 });
  });

  it('--dev prints a command to try it, and the command works', async () => {
    const listen = ['--listen', '127.0.0.1:0'];
    const { child, result, until, address, output } = await begin(['--dev', ...listen]);
    const [, body = ''] = await until('stderr', /-d '(.*)'/);
    expect(output.stderr).toContain('warning: development keys');
    const { jid, token } = JSON.parse(body) as { jid: string; token: string };
    expect((await verify(address, token, jid)).status).toBe(200);
    expect((await verify(address, token, jid)).status).toBe(401);
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ code: 0 });
  });
});

describe('totp-token check-config', () => {
  it('says that a usable configuration is usable', async () => {
    const file = config('good.toml', '');
    // The built program; the others below call the same command in this process.
    expect(await run(['check-config', '--config', file])).toEqual({
      code: 0,
      signal: null,
      stdout: 'usable: 1 host, 127.0.0.1:0\n',
      stderr: '',
    });
  });

  it('takes secrets from files and from the environment', async () => {
    folder.file('seed', `${SEED}\n`);
    folder.file('secret', `${SECRET}\n`);
    const file = folder.file(
      'files.toml',
      '[hosts."example.com"]\notpSeedFile = "seed"\ntokenSecretFile = "secret"\n[issue]\nsecretFile = "secret"',
    );
    const env = { TOTP_TOKEN_GATEWAY_SESSION_SECRET: SECRET };
    expect(await runHere(['check-config', '--config', file], { env })).toMatchObject({
      code: 0,
      stderr: '',
    });
    const three = { TOTP_TOKEN_HOST: 'a.b', TOTP_TOKEN_OTP_SEED: SEED, TOTP_TOKEN_SECRET: SECRET };
    expect(await runHere(['check-config'], { env: three })).toMatchObject({ code: 0, stderr: '' });
  });

  it.runIf(isPosix)('warns of every secret file that others can open', async () => {
    const names = ['open-seed', 'open-secret', 'open-session', 'open-issue', 'open-password'];
    const paths = names.map((name) =>
      folder.file(name, `${name === 'open-seed' ? SEED : SECRET}\n`, 0o640),
    );
    const file = folder.file(
      'open.toml',
      `[hosts."example.com"]
otpSeedFile = "open-seed"
tokenSecretFile = "open-secret"
[session]
secretFile = "open-session"
[issue]
secretFile = "open-issue"
[guard.redis]
passwordFile = "open-password"`,
    );
    const { code, stderr } = await runHere(['check-config', '--config', file]);
    expect(code).toBe(0);
    const warnings = paths.map(
      (path) =>
        `warning: secret file ${path} is open to others (mode 0640); run: chmod 600 ${quoted(path)}`,
    );
    expect(stderr.trimEnd().split('\n').sort()).toEqual(warnings.sort());
  });

  it('refuses LMDB without a folder where nobody has a home', async () => {
    const { code, stderr } = await run(['check-config', '--keys', keys, '--workers', '2'], {
      env: { TOTP_TOKEN_GATEWAY_GUARD_KIND: 'lmdb' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: guard\.path: missing, and there is no home; /);
  });

  it.each([
    [
      'a configuration without keys',
      [],
      {},
      /^error: keys: missing; give --keys FILE, set TOTP_TOKEN_KEYS, or write keys = "FILE"/,
    ],
    [
      'a file that is not there',
      ['--config', 'none.toml'],
      {},
      /^error: configuration none\.toml: there is no such file/,
    ],
    [
      'an invalid address of Redis',
      ['--keys', keys],
      {
        TOTP_TOKEN_GATEWAY_GUARD_KIND: 'redis',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_URL: 'http://there',
      },
      /^error: TOTP_TOKEN_GATEWAY_GUARD_REDIS_URL: /,
    ],
    [
      'a prefix with braces',
      ['--keys', keys],
      {
        TOTP_TOKEN_GATEWAY_GUARD_KIND: 'redis',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_URL: 'redis://there',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_PREFIX: '{a}',
      },
      /^error: TOTP_TOKEN_GATEWAY_GUARD_REDIS_PREFIX: braces; /,
    ],
    [
      'a user of Redis without a password',
      ['--keys', keys],
      {
        TOTP_TOKEN_GATEWAY_GUARD_KIND: 'redis',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_URL: 'redis://there',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_USERNAME: 'gate',
      },
      /^error: guard\.redis\.passwordFile: missing; /,
    ],
    [
      'certificates that are not there',
      ['--keys', keys],
      {
        TOTP_TOKEN_GATEWAY_GUARD_KIND: 'redis',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_URL: 'rediss://there',
        TOTP_TOKEN_GATEWAY_GUARD_REDIS_CA_FILE: '/nowhere/ca.pem',
      },
      /^error: TOTP_TOKEN_GATEWAY_GUARD_REDIS_CA_FILE: its file is not usable: there is no such file/,
    ],
    [
      'a short secret',
      ['--keys', keys],
      { TOTP_TOKEN_GATEWAY_ISSUE_SECRET: 'short' },
      /^error: TOTP_TOKEN_GATEWAY_ISSUE_SECRET: not usable; write 32/,
    ],
    [
      'a secret that is not there',
      ['--config', folder.file('no-file.toml', 'keys = "keys.json"\n[issue]\nsecretFile = "gone"')],
      {},
      /^error: .*no-file\.toml: issue\.secretFile: its file is not usable: there is no such file/,
    ],
    [
      'a bad seed',
      [
        '--config',
        folder.file(
          'bad-key.toml',
          '[hosts."a.b"]\notpSeedFile = "bad-seed"\ntokenSecretFile = "bad-seed"',
        ),
      ],
      {},
      /^error: .*bad-key\.toml: hosts\["a\.b"\]\.otpSeedFile: /,
    ],
    [
      'keys twice',
      [
        '--config',
        folder.file(
          'twice.toml',
          'keys = "keys.json"\n[hosts."a.b"]\notpSeedFile = "x"\ntokenSecretFile = "x"',
        ),
      ],
      {},
      /^error: .*twice\.toml: keys and hosts: /,
    ],
    [
      'a realm that breaks a header',
      ['--keys', keys],
      { TOTP_TOKEN_GATEWAY_AUTH_REALM: 'a"b' },
      /^error: TOTP_TOKEN_GATEWAY_AUTH_REALM: /,
    ],
  ])('refuses %s with exit code 2', async (_what, args, env, message) => {
    folder.file('bad-seed', '01890189018901890189\n');
    const { code, stdout, stderr } = await runHere(['check-config', ...args], {
      env: env as Record<string, string>,
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(leaks(stderr, [SEED, SECRET, '01890189018901890189'])).toEqual([]);
  });
});
