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

  it('accepts a token for the name in another spelling', async () => {
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

  it('prints the index of the key and the step of an accepted token', async () => {
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

  it('applies the window of the key file', async () => {
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
    ['a token for another name', 'bob@example.com', token, 'bad-signature'],
    ['a token for a host without keys', 'alice@example.net', token, 'unknown-host'],
    ['an old token', jid, referenceToken(pair, jid, NOW_MS - 60_000), 'wrong-otp'],
    ['an empty token', jid, '', 'malformed'],
    ['a token with more behind it', jid, `${token}\n${token}`, 'malformed'],
    ['a token of another form', jid, token.slice(1), 'malformed'],
    ['a megabyte in place of a token', jid, 'x'.repeat(1_000_000), 'malformed'],
    ['a name that is no JID', 'alice', token, 'malformed'],
    ['bytes that are not UTF-8', jid, Uint8Array.of(0xff, 0xfe), 'malformed'],
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

  it('ends the process with exit code 1 for a rejected token', async () => {
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

  it('does not print a token that stands in place of the JID', async () => {
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
    ['a call without --jid', [token], /^error: --jid is missing; name whose token/],
    [
      'a token without quotes',
      ['--jid', jid, ...token.split(' ')],
      /^error: too many arguments; a token holds a space: put it in quotes\n/,
    ],
    [
      '--file beside --jid',
      ['--jid', jid, '--file', 'x'],
      /^error: --file: its lines name JID and token/,
    ],
    [
      '--file beside a token',
      ['--file', 'x', token],
      /^error: --file: its lines name JID and token/,
    ],
    [
      '--capacity without --file',
      ['--jid', jid, '--capacity', '5', token],
      /^error: --capacity: one token needs no room; leave/,
    ],
    [
      'a capacity of 0',
      ['--file', 'x', '--capacity', '0'],
      /^error: --capacity: .* whole number from 1 to 100000000\n/,
    ],
    [
      'a capacity that is no whole number',
      ['--file', 'x', '--capacity', '1e6'],
      /^error: --capacity: .* whole number from 1/,
    ],
    [
      'a file that is not there',
      ['--file', 'nope.tsv'],
      /^error: --file nope\.tsv: there is no such file/,
    ],
    [
      'a directory in place of a file',
      ['--file', folder.path],
      /it is a directory; name a file in it\n$/,
    ],
    [
      'a misspelt option',
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
