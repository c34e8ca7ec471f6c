import { describe, expect, it } from 'vitest';
import { referenceToken } from '../../docs/cli-reference.js';
import { AT, KEYS, leaks, NOW_MS, run, SECRET, SEED, temporaryFolder } from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const pair = KEYS['example.com'];
const jid = 'alice@example.com';
const token = referenceToken(pair, jid, NOW_MS);
const STEP = Math.floor(NOW_MS / 30_000);

describe('verify', () => {
  it.each([
    ['an argument', [token], ''],
    ['stdin', [], token],
    ['stdin with a line end', [], `${token}\n`],
    ['stdin with a line end of Windows', ['-'], `${token}\r\n`],
  ])('accepts the token of an independent implementation from %s', async (_, args, stdin) => {
    const { code, stdout, stderr } = await run(
      ['verify', '--keys', keys, '--jid', jid, ...AT, ...args],
      {
        stdin,
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      jid,
      ok: true,
      code: 'accepted',
      step: STEP,
      drift: 0,
      keyIndex: 0,
    });
  });

  it('accepts a name in another spelling', async () => {
    const { code } = await run([
      'verify',
      '--keys',
      keys,
      '--jid',
      'ALICE@Example.com',
      ...AT,
      token,
    ]);
    expect(code).toBe(0);
  });

  it('says which key and which step it was', async () => {
    const next = { otpSeed: 'B'.repeat(32), tokenSecret: 'next' };
    const file = folder.file(
      'rotating.json',
      JSON.stringify({ hosts: { 'example.com': [next, pair] } }),
    );
    const later = ['--at', `${NOW_MS + 30_000}`];
    const { stdout } = await runHere(['verify', '--keys', file, '--jid', jid, ...later, token]);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'accepted',
      step: STEP,
      drift: -1,
      keyIndex: 1,
    });
  });

  it('keeps to the window of the key file', async () => {
    const file = folder.file('narrow.json', JSON.stringify({ hosts: KEYS, window: { past: 0 } }));
    const later = ['--at', `${NOW_MS + 30_000}`];
    const { code, stdout } = await runHere([
      'verify',
      '--keys',
      file,
      '--jid',
      jid,
      ...later,
      token,
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).code).toBe('wrong-otp');
  });

  it.each([
    ['another name', 'bob@example.com', token, 'bad-signature'],
    ['another host', 'alice@example.net', token, 'unknown-host'],
    ['an old token', jid, referenceToken(pair, jid, NOW_MS - 60_000), 'wrong-otp'],
    ['no token', jid, '', 'malformed'],
    ['a token with more behind it', jid, `${token}\n${token}`, 'malformed'],
    ['a token of another form', jid, token.slice(1), 'malformed'],
    ['something huge', jid, 'x'.repeat(1_000_000), 'malformed'],
    ['no jid in --jid', 'alice', token, 'malformed'],
    ['a letter that is not UTF-8', jid, Uint8Array.of(0xff, 0xfe), 'malformed'],
  ])('rejects %s with exit code 1', async (_, name, stdin, expected) => {
    const { code, stdout, stderr } = await runHere(
      ['verify', '--keys', keys, '--jid', name, ...AT],
      {
        stdin,
      },
    );
    expect(code).toBe(1);
    expect(stderr).toBe('');
    const shown = name.includes('@') ? name : null;
    expect(JSON.parse(stdout)).toEqual({ jid: shown, ok: false, code: expected });
    expect(leaks(stdout, [token, SEED, SECRET])).toEqual([]);
  });

  it('rejects with exit code 1 as the built program too', async () => {
    const { code, stdout } = await run([
      'verify',
      '--keys',
      keys,
      '--jid',
      'bob@example.com',
      ...AT,
      token,
    ]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: '{"jid":"bob@example.com","ok":false,"code":"bad-signature"}\n',
    });
  });

  it('shows no token that stands where the JID belongs', async () => {
    const { code, stdout, stderr } = await runHere([
      'verify',
      '--keys',
      keys,
      '--jid',
      token,
      ...AT,
      jid,
    ]);
    expect(code).toBe(1);
    expect(leaks(stdout + stderr, [token])).toEqual([]);
  });

  it.each([
    ['no jid', [token], /^error: --jid is missing; name whose token/],
    [
      'a token without quotes',
      ['--jid', jid, ...token.split(' ')],
      /^error: too many arguments; a token holds a space: put it in quotes\n/,
    ],
    [
      'a file and a jid',
      ['--jid', jid, '--file', 'x'],
      /^error: --file: its lines name JID and token/,
    ],
    ['a file and a token', ['--file', 'x', token], /^error: --file: its lines name JID and token/],
    [
      'room for one token',
      ['--jid', jid, '--capacity', '5', token],
      /^error: --capacity: one token needs no room; leave/,
    ],
    [
      'no room',
      ['--file', 'x', '--capacity', '0'],
      /^error: --capacity: .* whole number from 1 to 100000000\n/,
    ],
    [
      'room that is no number',
      ['--file', 'x', '--capacity', '1e6'],
      /^error: --capacity: .* whole number from 1/,
    ],
    [
      'a file that is not there',
      ['--file', 'nope.tsv'],
      /^error: --file nope\.tsv: there is no such file/,
    ],
    ['a directory', ['--file', folder.path], /it is a directory; name a file in it\n$/],
    [
      'an option that is none',
      ['--jdi', jid, token],
      /^error: unknown option --jdi; did you mean --jid\?\n/,
    ],
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await runHere(['verify', '--keys', keys, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(leaks(stderr, [token])).toEqual([]);
  });
});
