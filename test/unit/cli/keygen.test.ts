import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BINARY, ended, leaks, run, temporaryFolder } from './binary.js';
import { runHere } from './in-process.js';

const SEED_TEXT = '[A-Z2-7]{32}';
const SECRET_TEXT = '[A-Z2-7]{52}';
const modeOf = (path: string) => statSync(path).mode & 0o777;
const folder = temporaryFolder();
const isPosix = process.platform !== 'win32';

describe('keygen', () => {
  it('prints a seed of 160 bits and a secret of 256 bits, different each time', async () => {
    const [one, other] = await Promise.all([run(['keygen']), run(['keygen'])]);
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toMatch(
      new RegExp(`^otp seed {6}${SEED_TEXT}\ntoken secret {2}${SECRET_TEXT}\n$`),
    );
    expect(one.stdout).not.toBe(other.stdout);
  });

  it('--prosody prints the lines for the configuration of Prosody', async () => {
    const { stdout } = await runHere(['keygen', '--prosody', '--host', 'Chat.Example.ORG']);
    expect(stdout).toMatch(
      new RegExp(
        `^-- Needs [^\n]+\nVirtualHost "chat\\.example\\.org"\n    authentication = "token"\n    otp_seed = "${SEED_TEXT}"\n    token_secret = "${SECRET_TEXT}"\n$`,
      ),
    );
  });

  it('--keys prints the pair of a key file in another form, and makes no new one', async () => {
    const file = join(folder.path, 'a.json');
    await runHere(['keygen', '--host', 'a.example', '--out', file]);
    const { otpSeed, tokenSecret } = JSON.parse(readFileSync(file, 'utf8')).hosts['a.example'];
    const { stdout } = await runHere(['keygen', '--keys', file, '--prosody']);
    expect(stdout).toContain(`VirtualHost "a.example"\n`);
    expect(stdout).toContain(`otp_seed = "${otpSeed}"`);
    expect(stdout).toContain(`token_secret = "${tokenSecret}"`);
    const wrong = await runHere(['keygen', '--keys', file, '--prosody', '--host', 'b.example']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('a.example');
  });

  it('names the host example.com where none is given', async () => {
    expect((await runHere(['keygen', '--prosody'])).stdout).toMatch(
      /^VirtualHost "example\.com"\n/m,
    );
  });

  it.each([
    ['a quote, which would end the name in a configuration', 'x"; os.execute("id'],
    ['a space', 'a b'],
    ['nothing', ''],
    ['a slash', 'example.com/x'],
  ])('refuses a host with %s', async (_, host) => {
    const { code, stdout, stderr } = await runHere(['keygen', '--prosody', '--host', host]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: --host: .*write a host name such as "example\.com"\n$/);
  });

  it.each([['--json'], ['--toml'], ['--env']])(
    '%s prints a key file that issue and verify take',
    async (format) => {
      const { stdout } = await runHere(['keygen', format]);
      const keys = folder.file(`printed${format}`, stdout);
      const { stdout: token } = await runHere([
        'issue',
        '--keys',
        keys,
        '--jid',
        'alice@example.com',
      ]);
      const { code } = await runHere(['verify', '--keys', keys, '--jid', 'alice@example.com'], {
        stdin: token,
      });
      expect(code).toBe(0);
    },
  );

  it('refuses two formats at once', async () => {
    const { code, stdout, stderr } = await runHere(['keygen', '--json', '--env']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('error: --json and --env: give one of them\n');
  });
});

describe('keygen --out', () => {
  it.each([
    ['k.json', /^\{\n {2}"hosts"/],
    ['k.toml', /^\[hosts\."example\.com"\]\n/],
    ['k.env', /^TOTP_TOKEN_HOST=example\.com\n/],
    ['.env', /^TOTP_TOKEN_HOST=example\.com\n/],
    ['keys', /^\{\n {2}"hosts"/],
  ])(
    'writes %s in the format of its name, readable by its owner alone',
    async (name, beginning) => {
      const path = join(folder.path, name);
      const { code, stdout, stderr } = await runHere(['keygen', '--out', path]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect(stderr).toContain('mode 0600');
      const text = readFileSync(path, 'utf8');
      expect(text).toMatch(beginning);
      expect(leaks(stderr, text.match(/[A-Z2-7]{32,}/g) ?? [])).toEqual([]);
      if (isPosix) expect(modeOf(path)).toBe(0o600);
    },
  );

  it.runIf(isPosix).each(['000', '777'])(
    'writes a file that its owner alone can read, with the umask %s too',
    async (umask) => {
      const path = join(folder.path, `umask-${umask}.json`);
      const line = `umask ${umask}; exec "$1" "$2" keygen --out "$3"`;
      expect(
        (await ended(spawn('sh', ['-c', line, 'sh', process.execPath, BINARY, path]))).code,
      ).toBe(0);
      expect(modeOf(path)).toBe(0o600);
    },
  );

  it('refuses to replace a file that exists', async () => {
    const path = folder.file('old.json', 'precious');
    const { code, stderr } = await runHere(['keygen', '--out', path]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: --out ${path}: it exists already; choose another name, or name a host by --host to add it there\n`,
    );
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it.each(['json', 'toml'])(
    '--host adds a host to a file in %s, and replaces none',
    async (format) => {
      const path = join(folder.path, `hosts.${format}`);
      const add = (host: string) => runHere(['keygen', '--host', host, '--out', path]);
      expect((await add('a.example')).code).toBe(0);
      const first = readFileSync(path, 'utf8').match(/[A-Z2-7]{32,}/g) ?? [];
      const { code, stderr } = await add('b.example');
      expect(code).toBe(0);
      expect(stderr).toBe(`added to ${path}: keys for b.example\n`);
      const text = readFileSync(path, 'utf8');
      expect(text.match(/[A-Z2-7]{32,}/g)).toHaveLength(4);
      for (const secret of first) expect(text).toContain(secret);

      const again = await add('A.Example');
      expect(again.code).toBe(2);
      expect(again.stderr).toMatch(/^error: --host: .* has keys for a\.example; .*keys rotate\n$/);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it.runIf(isPosix)('refuses to write through a link to a file that does not exist', async () => {
    const link = join(folder.path, 'link.json');
    const target = join(folder.path, 'target.json');
    symlinkSync(target, link);
    expect((await runHere(['keygen', '--out', link])).code).toBe(2);
    expect(readdirSync(folder.path)).not.toContain('target.json');
  });

  it.runIf(isPosix)(
    '--force replaces a file, and only its owner can read the new one',
    async () => {
      const path = folder.file('open.json', 'old', 0o666);
      const { ino } = statSync(path);
      expect((await runHere(['keygen', '--out', path, '--force'])).code).toBe(0);
      expect(readFileSync(path, 'utf8')).toContain('tokenSecret');
      expect(modeOf(path)).toBe(0o600);
      // Another file took the name: whoever holds the old one open reads the old one on.
      expect(statSync(path).ino).not.toBe(ino);
    },
  );

  it('--force leaves no file behind when it fails', async () => {
    const path = join(folder.path, 'directory.json');
    mkdirSync(path);
    const before = readdirSync(folder.path).length;
    const { code, stderr } = await runHere(['keygen', '--out', path, '--force']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/it is a directory/);
    expect(readdirSync(folder.path)).toHaveLength(before);
  });

  it('says that the directory of the file does not exist', async () => {
    const { code, stderr } = await runHere([
      'keygen',
      '--out',
      join(folder.path, 'none', 'k.json'),
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/its directory does not exist; make it first\n$/);
  });

  it('refuses --force without --out', async () => {
    expect(await runHere(['keygen', '--force'])).toMatchObject({ code: 2, stdout: '' });
  });
});
