import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  AT,
  BINARY,
  ended,
  KEYS,
  leaks,
  run,
  SECRET,
  SEED,
  start,
  temporaryFolder,
} from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const isPosix = process.platform !== 'win32';

describe('help and version', () => {
  it.each(['keygen', 'issue', 'verify', 'totp', 'gateway', 'check-config', 'demo'])(
    '%s --help explains the command and gives examples',
    async (command) => {
      const { code, stdout, stderr } = await runHere([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: totp-token ${command} \\[options\\]`));
      expect(stdout).toContain(
        `Examples:\n  totp-token ${command === 'verify' ? 'issue' : command}`,
      );
      expect(stdout.split('\n').filter((line) => line.length > 115)).toEqual([]);
      expect((await runHere(['help', command])).stdout).toBe(stdout);
    },
  );

  it('--help lists every command', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of ['keygen', 'issue', 'verify', 'totp', 'gateway', 'check-config', 'demo'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it('--version prints the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    );
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('a call without a command prints the help on stderr and ends with 2', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: totp-token /);
  });
});

describe('wrong arguments', () => {
  it('end the process with exit code 2', async () => {
    const { code, stdout, stderr } = await run(['verify', '--jsn']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: unknown option --jsn/);
  });

  it.each([
    [['verfy'], 'error: unknown command verfy; did you mean verify?\nsee: totp-token --help\n'],
    [['frobnicate'], 'error: unknown command frobnicate\nsee: totp-token --help\n'],
    [
      ['verify', '--jsn'],
      'error: unknown option --jsn; did you mean --json?\nsee: totp-token verify --help\n',
    ],
    [['issue', '--zzz'], 'error: unknown option --zzz\nsee: totp-token issue --help\n'],
    [['issue', '--jid'], 'error: --jid: its value is missing\nsee: totp-token issue --help\n'],
    [['keygen', 'x'], 'error: too many arguments\nsee: totp-token keygen --help\n'],
    [
      ['--verzion'],
      'error: unknown option --verzion; did you mean --version?\nsee: totp-token --help\n',
    ],
    // What could be a secret is not repeated.
    [[SECRET], 'error: unknown command\nsee: totp-token --help\n'],
    [
      ['issue', `--otp-seed${SEED}`],
      'error: unknown option; did you mean --otp-seed and a value?\nsee: totp-token issue --help\n',
    ],
    [
      ['issue', `--otp-sed=${SEED}`],
      'error: unknown option --otp-sed; did you mean --otp-seed?\nsee: totp-token issue --help\n',
    ],
    [['issue', `-x${SEED}`], 'error: unknown option\nsee: totp-token issue --help\n'],
    [
      ['issue', '--jid', 'a@example.com', SECRET],
      'error: too many arguments\nsee: totp-token issue --help\n',
    ],
    [
      ['issue', '--jid', 'a@b', '--count', SECRET],
      'error: --count: not a number in the range; write a whole number from 1 to 1000000000\n',
    ],
    [
      ['totp', '--algorithm', SECRET],
      'error: --algorithm: not a known one; write SHA-1, SHA-256, SHA-512\n',
    ],
  ])('are explained without a secret: %j', async (args, message) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: message });
    expect(leaks(stderr, [SEED, SECRET])).toEqual([]);
  });

  it('are shown without the control sequences of a file name', async () => {
    const { stderr } = await runHere([
      'issue',
      '--jid',
      'a@b.c',
      '--keys',
      '\u001b[2Jx\u202e.json',
    ]);
    expect(stderr).toBe('error: key file �[2Jx�.json: there is no such file; check its name\n');
  });
});

describe('the end of a run', () => {
  it.runIf(isPosix)('prints no error when the reader of the output goes away', async () => {
    const child = start([
      'issue',
      '--keys',
      keys,
      '--jid',
      'alice@example.com',
      '--count',
      '1000000',
    ]);
    const result = ended(child);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await result).toMatchObject({ code: 141, stderr: '' });
  });

  it.runIf(isPosix)('prints no error in a pipe of the shell whose reader ends early', async () => {
    const line =
      '"$1" "$2" issue --keys "$3" --jid alice@example.com --count 100000 --lines | head -n 2';
    const shell = spawn('sh', ['-c', line, 'sh', process.execPath, BINARY, keys]);
    const { code, stdout, stderr } = await ended(shell);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(3);
  });

  it.runIf(process.platform === 'linux')(
    'says that the output cannot be written when the disk is full',
    async () => {
      const line = '"$1" "$2" issue --keys "$3" --jid alice@example.com --count 100000 > /dev/full';
      const { code, stderr } = await ended(
        spawn('sh', ['-c', line, 'sh', process.execPath, BINARY, keys]),
      );
      expect(code).toBe(2);
      expect(stderr).toBe('error: the output cannot be written (ENOSPC)\n');
    },
  );

  it.runIf(isPosix).each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the process by that signal, after a summary',
    async (signal) => {
      const child = start(['verify', '--keys', keys, '--file', '-', ...AT]);
      const result = ended(child);
      child.stdin.write('broken\n');
      await once(child.stdout, 'data');
      child.kill(signal);
      expect(await result).toMatchObject({
        code: null,
        signal,
        stderr: expect.stringMatching(/^interrupted: 1 line: 0 accepted, 1 rejected\n/),
      });
    },
  );

  it.runIf(isPosix)('does not wait for the end of stdin once the verdict is certain', async () => {
    const child = start(['verify', '--keys', keys, '--jid', 'alice@example.com']);
    const result = ended(child);
    child.stdin.on('error', () => {});
    child.stdin.write('x'.repeat(10_000));
    expect((await result).code).toBe(1);
  });
});

describe('an error of the operating system', () => {
  const failing = (code: string) =>
    new Readable({
      read() {
        const message = `${code}: not said, it may quote anything`;
        this.destroy(Object.assign(new Error(message), { code, syscall: 'read' }));
      },
    });
  const verify = (stdin: Readable) =>
    runHere(['verify', '--keys', keys, '--jid', 'alice@example.com'], { stdin });

  it.each([
    ['EIO', 'the disk reports an error (read: EIO); check the disk'],
    ['EISDIR', 'it is a folder (read: EISDIR); name a file in it'],
    ['EMFILE', 'this process may open no more files (read: EMFILE); raise ulimit -n, or'],
    ['EOVERFLOW', 'the system refuses (read: EOVERFLOW); look the code up'],
  ])('is told with its code and a fix, and ends the program with 2: %s', async (code, said) => {
    const result = await verify(failing(code));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr.startsWith(`error: ${said}`), result.stderr).toBe(true);
  });

  it('is not what an error of the program is called', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new TypeError(SECRET));
      },
    });
    const result = await verify(broken);
    expect(result.code).toBe(70);
    expect(result.stderr).toMatch(/^error: a fault of this program; please report it/);
    expect(leaks(result.stderr, [SECRET])).toEqual([]);
  });
});
