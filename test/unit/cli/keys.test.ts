import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { createIssuer, createVerifier } from '../../../src/index.js';
import { KEYS, leaks, NOW_MS, SECRET, SEED, temporaryFolder } from './binary.js';
import { quoted, runHere } from './in-process.js';

const folder = temporaryFolder();
const HOST = ['--host', 'example.com'];
const pair = KEYS['example.com'];
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const keys = (action: string, file: string, args: readonly string[] = [], nowMs = NOW_MS) =>
  runHere(['keys', action, '--keys', file, ...args], { nowMs });
/** NOW_MS is 2026-01-31T12:00:10Z. */
const SECOND_MS = 1000;
/** By default programs have 300 s to read a file, and a token is good for 90 s. */
const SETTLED_MS = NOW_MS + 300 * SECOND_MS;
const EXPIRED_MS = SETTLED_MS + 390 * SECOND_MS;
const RELOAD = 'systemctl reload totp-token\n';
const READ_AGAIN = `Have every program that uses the file read it again: ${RELOAD}`;
const STILL_ACCEPTED = `Its tokens are refused by a program once it has read the file again: ${RELOAD}`;
const isPosix = process.platform !== 'win32';

interface Key {
  otpSeed: string;
  tokenSecret: string;
  issueAfter?: string;
  retireAfter?: string;
}
const keysIn = (file: string, host = 'example.com'): Key[] => {
  const text = readFileSync(file, 'utf8');
  const { hosts } = (file.endsWith('.json') ? JSON.parse(text) : parseToml(text)) as {
    hosts: Record<string, Key | Key[]>;
  };
  return [hosts[host] ?? []].flat();
};

describe('keys rotate and retire', () => {
  it.each([
    ['rotate.json', json({ hosts: { 'example.com': pair }, period: 30 })],
    ['rotate.toml', `[hosts."example.com"]\notpSeed = "${SEED}"\ntokenSecret = "${SECRET}"\n`],
  ])('replace a key in three steps, none of which turns a token away: %s', async (name, text) => {
    const file = folder.file(name, text);
    const first = await keys('rotate', file);
    expect(first).toEqual({
      code: 0,
      stderr: '',
      stdout: `host example.com: key 2 is new and is accepted; key 1 signs
1. now: the new key is accepted. Have every program that uses the file read it again, within 300 seconds: systemctl reload totp-token
2. after 2026-01-31T12:05:10Z: totp-token keys rotate --keys ${quoted(file)} --host example.com
3. after 2026-01-31T12:11:40Z, if step 2 is not later: totp-token keys retire --keys ${quoted(file)} --host example.com
`,
    });
    const [old, next] = keysIn(file);
    expect(old).toEqual(pair);
    expect(next?.issueAfter).toBe('2026-01-31T12:05:10Z');
    expect(leaks(first.stdout, [SEED, SECRET, next!.otpSeed, next!.tokenSecret])).toEqual([]);

    const early = await keys('rotate', file, [], SETTLED_MS - SECOND_MS);
    expect(early.code).toBe(2);
    expect(early.stderr).toMatch(/may not have read its new key before 2026-01-31T12:05:10Z/);
    expect(await keys('retire', file)).toMatchObject({ code: 2 });

    expect(await keys('rotate', file, [], SETTLED_MS)).toMatchObject({ code: 0 });
    const { otpSeed, tokenSecret } = next!;
    expect(keysIn(file)).toEqual([
      { otpSeed, tokenSecret },
      { ...pair, retireAfter: '2026-01-31T12:11:40Z' },
    ]);
    expect(await keys('rotate', file, [], SETTLED_MS)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('keys retire first'),
    });

    const tooEarly = await keys('retire', file, [], EXPIRED_MS - SECOND_MS);
    expect(tooEarly).toMatchObject({ code: 2, stdout: '' });
    expect(tooEarly.stderr).toMatch(/old key may be valid until 2026-01-31T12:11:40Z; wait/);
    expect(keysIn(file)).toHaveLength(2);
    expect(await keys('retire', file, [], EXPIRED_MS)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(READ_AGAIN),
    });
    expect(keysIn(file)).toEqual([{ otpSeed, tokenSecret }]);
  });

  it('count the lifetime of a token by period and window of the file, or as told', async () => {
    const rules = { period: 60, window: { past: 3, future: 2 } };
    const file = folder.file('lifetime.json', json({ hosts: KEYS, ...rules }));
    // (3 + 1 + 2) * 60 s.
    expect((await keys('rotate', file, ['--within', '0'])).stdout).toContain(
      '3. after 2026-01-31T12:06:10Z',
    );
    await keys('rotate', file, ['--within', '10', '--lifetime', '50']);
    expect(keysIn(file)[1]?.retireAfter).toBe('2026-01-31T12:01:10Z');
  });

  it('retire refuses keys of which nobody noted when they were replaced', async () => {
    const file = folder.file('by-hand.json', json({ hosts: { 'example.com': [pair, pair] } }));
    const { code, stderr } = await keys('retire', file);
    expect(code).toBe(2);
    expect(stderr).toMatch(/it is not known .*keys remove --key NUMBER/);
  });

  it('--dry-run says the same and writes nothing', async () => {
    const file = folder.file('dry.json', json({ hosts: KEYS }));
    const before = readFileSync(file, 'utf8');
    const names = readdirSync(folder.path);
    const dry = await keys('rotate', file, ['--dry-run']);
    expect(dry).toMatchObject({ code: 0, stderr: 'nothing is written: --dry-run\n' });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(folder.path)).toEqual(names);
    expect((await keys('rotate', file)).stdout).toBe(dry.stdout);
  });

  it('a file with their times is one that issue and verify take', async () => {
    const file = folder.file('taken.json', json({ hosts: KEYS }));
    await keys('rotate', file);
    const jid = ['--jid', 'alice@example.com'];
    const { stdout } = await runHere(['issue', '--keys', file, ...jid]);
    const verified = await runHere(['verify', '--keys', file, ...jid], { stdin: stdout });
    expect(verified).toMatchObject({ code: 0 });
  });

  it('a file with their times is one whose hosts a program gives to the library', async () => {
    const file = folder.file('by-a-program.json', json({ hosts: KEYS }));
    const hosts = () => JSON.parse(readFileSync(file, 'utf8')).hosts;
    const clock = () => NOW_MS;
    await keys('rotate', file);
    expect(Object.keys(hosts()['example.com'][1])).toContain('issueAfter');
    const verifier = await createVerifier({
      hosts: hosts(),
      clock,
      replay: { rejectStepsBefore: 'none' },
    });
    await keys('rotate', file, [], SETTLED_MS);
    expect(Object.keys(hosts()['example.com'][1])).toContain('retireAfter');
    const issuer = await createIssuer({ hosts: hosts(), clock });
    const token = issuer.issue('alice@example.com');
    expect(verifier.verify('alice@example.com', token)).toMatchObject({ ok: true, keyIndex: 1 });
  });
});

describe('keys list', () => {
  const file = folder.file(
    'list.json',
    json({
      hosts: {
        'example.com': [pair, { ...pair, issueAfter: '2026-01-31T12:05:10Z' }, pair],
        'b.example': [pair, { ...pair, retireAfter: '2026-01-31T12:05:10Z' }],
      },
    }),
  );

  it('shows hosts, numbers and uses, and no secret', async () => {
    expect(await keys('list', file)).toEqual({
      code: 0,
      stderr: '',
      stdout: `example.com  1  signs
example.com  2  accepted, may sign after 2026-01-31T12:05:10Z
example.com  3  accepted
b.example    1  signs
b.example    2  replaced, retire after 2026-01-31T12:05:10Z
`,
    });
    const { stdout } = await keys('list', file, ['--json', '--host', 'B.Example']);
    expect(JSON.parse(stdout)).toEqual({
      hosts: [
        {
          host: 'b.example',
          keys: [
            { number: 1, signs: true },
            { number: 2, signs: false, retireAfter: '2026-01-31T12:05:10Z' },
          ],
        },
      ],
    });
  });

  it('shows secrets with --show-secrets alone', async () => {
    const { stdout } = await keys('list', file, ['--show-secrets']);
    expect(stdout).toContain(`${SEED}  ${SECRET}`);
    const { stdout: inJson } = await keys('list', file, ['--show-secrets', '--json']);
    expect(JSON.parse(inJson).hosts[0].keys[0]).toEqual({ number: 1, signs: true, ...pair });
  });

  it('reads a dotenv file, and the file that the environment names', async () => {
    const dotenv = folder.file(
      'one.env',
      `TOTP_TOKEN_HOST=example.com\nTOTP_TOKEN_OTP_SEED=${SEED}\nTOTP_TOKEN_SECRET=${SECRET}\n`,
    );
    expect((await keys('list', dotenv)).stdout).toBe('example.com  1  signs\n');
    const named = await runHere(['keys', 'list'], { env: { TOTP_TOKEN_KEYS: dotenv } });
    expect(named.stdout).toBe('example.com  1  signs\n');
    const changed = await keys('rotate', dotenv);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(/a dotenv file holds one pair of one host.*keygen --keys FILE/);
  });
});

describe('keys add and remove', () => {
  it('change one host, and leave the others and their order as they are', async () => {
    const file = folder.file('order.json', json({ period: 30, hosts: { 'z.z': pair, ...KEYS } }));
    expect((await keys('add', file, ['--host', 'New.Example'])).stdout).toBe(
      `host new.example is new, with a pair of keys\n${READ_AGAIN}`,
    );
    expect((await keys('add', file, HOST)).stdout).toBe(
      `host example.com: key 2 is new and is accepted; key 1 signs\n${READ_AGAIN}`,
    );
    const { hosts, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(hosts)).toEqual(['z.z', 'example.com', 'new.example']);
    expect([rest, hosts['z.z']]).toEqual([{ period: 30 }, pair]);

    // A key that leaked goes at once, and the next one signs without a wait.
    const next = keysIn(file)[1]!;
    expect((await keys('remove', file, [...HOST, '--key', '1'])).stdout).toBe(
      `host example.com: key 1 was removed; the next key signs\n${STILL_ACCEPTED}`,
    );
    expect(keysIn(file)).toEqual([{ otpSeed: next.otpSeed, tokenSecret: next.tokenSecret }]);
    expect((await keys('remove', file, HOST)).stdout).toBe(
      `host example.com was removed\n${STILL_ACCEPTED}`,
    );
    await keys('remove', file, ['--host', 'z.z']);
    const last = await keys('remove', file, ['--host', 'new.example', '--key', '1']);
    expect(last).toMatchObject({ code: 2, stderr: expect.stringContaining('the only host') });
  });

  it.each([
    ['no host', 'add', [], /^error: --host is missing/],
    ['a host that is no host', 'add', ['--host', 'a b'], /^error: --host: not a host name/],
    [
      'a host that is not there',
      'remove',
      ['--host', 'c.d'],
      /one of the hosts .*: example\.com\n/,
    ],
    [
      'a key that is not there',
      'remove',
      [...HOST, '--key', '2'],
      /^error: --key: host .* has no key \d+;/,
    ],
    ['key 0', 'remove', [...HOST, '--key', '0'], /^error: --key: not a number/],
    [
      'an option of another action',
      'retire',
      ['--within', '1'],
      /unknown option --within\nsee: totp-token keys retire --help/,
    ],
  ] as const)('refuse %s', async (_, action, args, message) => {
    const file = folder.file('refused.json', json({ hosts: KEYS }));
    const { code, stderr } = await keys(action, file, args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(readFileSync(file, 'utf8')).toBe(json({ hosts: KEYS }));
  });

  it('refuse an action that does not exist, and no file', async () => {
    expect((await runHere(['keys', 'rotat'])).stderr).toMatch(
      /unknown command rotat; did you mean rotate\?\nsee: totp-token keys --help/,
    );
    expect((await runHere(['keys', 'list'])).stderr).toMatch(/^error: no key file; give --keys/);
  });

  it('do not steer the terminal by the name of a host in the file', async () => {
    const host = 'a\u001b]0;x\u0007\u202e.example';
    const hosts = { [host]: [pair, { ...pair, tokenSecret: 'other' }] };
    const file = folder.file('hostile.json', json({ hosts }));
    for (const [action, ...args] of [
      ['list'],
      ['rotate'],
      ['remove', '--host', host, '--key', '1'],
    ]) {
      const { code, stdout } = await keys(action!, file, args);
      expect(code).toBe(0);
      expect(stdout).toContain('a�]0;x��.example');
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    }
  });

  it('print commands that a shell reads as they are meant', async () => {
    const hosts = { "it's $(id).example": pair };
    const file = folder.file("it's $(id).json", json({ hosts }));
    const { stdout } = await keys('rotate', file);
    const words = `--keys '${file.replace("'", "'\\''")}' --host 'it'\\''s $(id).example'`;
    expect(stdout).toContain(`totp-token keys rotate ${words}\n`);
    expect(stdout).toContain(`totp-token keys retire ${words}\n`);
  });

  it('refuse a 17th key of a host', async () => {
    const file = folder.file('full.json', json({ hosts: { 'example.com': Array(16).fill(pair) } }));
    const { code, stderr } = await keys('add', file, HOST);
    expect(code).toBe(2);
    expect(stderr).toMatch(/16 keys, the most that a host may have/);
  });
});

describe('the file that keys changes', () => {
  it.runIf(isPosix)('keeps its mode, its owner and the link that leads to it', async () => {
    const file = folder.file('kept.json', json({ hosts: KEYS }));
    chmodSync(file, 0o440);
    const link = join(folder.path, 'to-kept.json');
    symlinkSync('kept.json', link);
    const { ino, uid, gid } = statSync(file);
    expect((await keys('add', link, HOST)).code).toBe(0);
    expect(keysIn(file)).toHaveLength(2);
    const after = statSync(file);
    expect([after.mode & 0o777, after.uid, after.gid]).toEqual([0o440, uid, gid]);
    // Another file took the name: whoever reads the old one reads all of it.
    expect(after.ino).not.toBe(ino);
    expect(statSync(link).ino).toBe(after.ino);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('is left alone while another command changes it', async () => {
    const file = folder.file('locked.json', json({ hosts: KEYS }));
    const lock = folder.file('.locked.json.lock', '');
    const { code, stderr } = await keys('add', file, HOST);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: key file ${file}: another command is changing it; try again; if none is running, one was killed: remove ${quoted(lock)}\n`,
    );
    expect(readFileSync(file, 'utf8')).toBe(json({ hosts: KEYS }));
  });

  it.each([
    ['a file that is not there', 'none.json', /there is no such file/],
    ['a folder', 'folder.json', /it is a directory/],
    ['a device', '/dev/null', /it is not a regular file/],
  ])('cannot be %s', async (_, name, message) => {
    mkdirSync(join(folder.path, 'folder.json'), { recursive: true });
    const path = name.startsWith('/') ? name : join(folder.path, name);
    const { code, stderr } = await keys('add', path, HOST);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
