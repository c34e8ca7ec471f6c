import { describe, expect, it } from 'vitest';
import { referenceAccepts } from '../../docs/cli-reference.js';
import { AT, KEYS, NOW_MS, run, SECRET, SEED, temporaryFolder } from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const pair = KEYS['example.com'];

describe('issue', () => {
  it('prints a token that an independent implementation accepts', async () => {
    const { code, stdout, stderr } = await run([
      'issue',
      '--keys',
      keys,
      '--jid',
      'alice@example.com',
      ...AT,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d{40} [A-Za-z0-9+/]{43}=\n$/);
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
    expect(referenceAccepts(pair, 'bob@example.com', stdout.trimEnd(), NOW_MS)).toBe(false);
  });

  it('prepares the name as Prosody does before it signs', async () => {
    const { stdout } = await run(['issue', '--keys', keys, '--jid', 'ÄLICE@Example.COM', ...AT]);
    expect(referenceAccepts(pair, 'älice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
  });

  it('takes period, digits and algorithm from the key file', async () => {
    const parameters = { digits: 6, period: 60, algorithm: 'sha256' } as const;
    const file = folder.file(
      'other.json',
      JSON.stringify({ hosts: KEYS, digits: 6, period: 60, algorithm: 'SHA-256' }),
    );
    const { stdout } = await runHere([
      'issue',
      '--keys',
      file,
      '--jid',
      'alice@example.com',
      ...AT,
    ]);
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS, parameters)).toBe(
      true,
    );
  });

  it('signs with the first of several keys', async () => {
    const old = { otpSeed: 'A'.repeat(32), tokenSecret: 'old' };
    const file = folder.file(
      'rotating.json',
      JSON.stringify({ hosts: { 'example.com': [pair, old] } }),
    );
    const { stdout } = await runHere([
      'issue',
      '--keys',
      file,
      '--jid',
      'alice@example.com',
      ...AT,
    ]);
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
  });

  it('--count prints so many tokens, no two alike', async () => {
    const { stdout } = await run([
      'issue',
      '--keys',
      keys,
      '--jid',
      'alice@example.com',
      '--count',
      '2345',
      ...AT,
    ]);
    const tokens = stdout.trimEnd().split('\n');
    expect(new Set(tokens).size).toBe(2345);
    expect(
      tokens.every((token) => referenceAccepts(pair, 'alice@example.com', token, NOW_MS)),
    ).toBe(true);
  });

  it('--lines prints what verify --file reads', async () => {
    const { stdout } = await run([
      'issue',
      '--keys',
      keys,
      '-j',
      'alice@example.com',
      '-n',
      '3',
      '--lines',
      ...AT,
    ]);
    expect(stdout).toMatch(/^(?:alice@example\.com\t\d{40} \S{44}\n){3}$/);
    expect(
      (await run(['verify', '--keys', keys, '--file', '-', ...AT], { stdin: stdout })).code,
    ).toBe(0);
  });

  it.each([
    ['2026-01-31T12:00:10Z', NOW_MS],
    ['2026-01-31T13:00:10.000+01:00', NOW_MS],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['59000', 59_000],
    ['0', 0],
  ])('--at %s sets the clock of the token', async (at, timeMs) => {
    const { stdout } = await runHere([
      'issue',
      '--keys',
      keys,
      '--jid',
      'alice@example.com',
      '--at',
      at,
    ]);
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), timeMs)).toBe(true);
  });

  it('refuses a time near 1970, which is seconds by mistake', async () => {
    const { code, stderr } = await runHere([
      'issue',
      '--keys',
      keys,
      '--jid',
      'alice@example.com',
      '--at',
      '1769860810',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /--at: 1769860810 ms are 1970-01-21.*looks like seconds; multiply by 1000/,
    );
  });

  it.each([
    ['a call without --jid', [], /^error: --jid is missing; name the account/],
    [
      'a name without a host',
      ['--jid', 'alice'],
      /^error: --jid: not a bare JID; write localpart@domainpart/,
    ],
    ['a full JID', ['--jid', 'alice@example.com/phone'], /^error: --jid: not a bare JID/],
    [
      'a host without keys',
      ['--jid', 'a@example.net'],
      /^error: --jid: no keys for its host; the keys are for example\.com\n/,
    ],
    [
      'a time without a zone',
      ['--jid', 'a@example.com', '--at', '2026-01-31T12:00:00'],
      /^error: --at: not a time; write/,
    ],
    [
      'a time before 1970',
      ['--jid', 'a@example.com', '--at', '1969-12-31'],
      /^error: --at: not a time/,
    ],
    [
      'a date that is not in the calendar',
      ['--jid', 'a@example.com', '--at', '2026-13-31'],
      /^error: --at: not a time/,
    ],
    [
      'a count of no tokens',
      ['--jid', 'a@example.com', '--count', '0'],
      /^error: --count: .* from 1 to/,
    ],
    ['a count of half a token', ['--jid', 'a@example.com', '--count', '1.5'], /^error: --count: /],
    [
      '--host beside a key file',
      ['--jid', 'a@example.com', '--host', 'example.com'],
      /^error: --host: it goes with --otp-seed/,
    ],
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await runHere(['issue', '--keys', keys, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('keys in arguments', () => {
  const args = [
    'issue',
    '--jid',
    'alice@example.com',
    ...AT,
    '--otp-seed',
    SEED,
    '--token-secret',
    SECRET,
  ];

  it('are used for the host of the JID, with a warning', async () => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(0);
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
    expect(stderr).toMatch(
      /^warning: other users can read --otp-seed and --token-secret in the process list.*\n$/,
    );
  });

  it('are used before keys in the environment', async () => {
    const { stdout } = await run(args, { env: { TOTP_TOKEN_KEYS: '/nowhere' } });
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
  });

  it.each([
    [
      'both arguments and a file',
      ['--keys', keys, '--otp-seed', SEED, '--token-secret', SECRET],
      /both name keys/,
    ],
    ['a seed alone', ['--otp-seed', SEED], /--token-secret is missing/],
    ['a secret alone', ['--token-secret', SECRET], /--otp-seed is missing/],
    [
      'another host than the JID has',
      ['--otp-seed', SEED, '--token-secret', SECRET, '--host', 'b.example'],
      /no keys for its host/,
    ],
    [
      'a bad host',
      ['--otp-seed', SEED, '--token-secret', SECRET, '--host', 'b b'],
      /--host: not a host name/,
    ],
    [
      'a seed that is not base32',
      ['--otp-seed', `${SEED}1`, '--token-secret', SECRET],
      /--otp-seed: not base32/,
    ],
    [
      'a seed of 75 bits',
      ['--otp-seed', SEED.slice(0, 15), '--token-secret', SECRET],
      /--otp-seed: .*80 bits/,
    ],
    [
      'an empty secret',
      ['--otp-seed', SEED, '--token-secret', ''],
      /--token-secret: .*write a text/,
    ],
  ])('refuses %s, and shows no part of a key', async (_, more, message) => {
    const { code, stdout, stderr } = await runHere([
      'issue',
      '--jid',
      'alice@example.com',
      ...more,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain(SEED.slice(0, 12));
    expect(stderr).not.toContain(SECRET.slice(0, 12));
  });
});

describe('keys of the environment', () => {
  const variables = {
    TOTP_TOKEN_HOST: 'example.com',
    TOTP_TOKEN_OTP_SEED: SEED,
    TOTP_TOKEN_SECRET: SECRET,
  };

  it.each([
    ['the file that TOTP_TOKEN_KEYS names', { TOTP_TOKEN_KEYS: keys }],
    ['three variables of one host', variables],
    [
      'the file rather than the three variables',
      { ...variables, TOTP_TOKEN_SECRET: 'another', TOTP_TOKEN_KEYS: keys },
    ],
  ])('are read from %s', async (_, env) => {
    const { code, stdout, stderr } = await runHere(['issue', '--jid', 'alice@example.com', ...AT], {
      env,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
  });

  it.each([
    [
      'an environment without keys',
      {},
      /^error: no keys; give --keys FILE or set TOTP_TOKEN_KEYS\. .*keygen --out keys\.json\n$/,
    ],
    [
      'one of the three variables alone',
      { TOTP_TOKEN_HOST: 'example.com' },
      /^error: TOTP_TOKEN_OTP_SEED: missing; /,
    ],
    [
      'an empty variable',
      { ...variables, TOTP_TOKEN_SECRET: '' },
      /^error: TOTP_TOKEN_SECRET: empty; /,
    ],
    [
      'a misspelt variable, and guesses it',
      { TOTP_TOKEN_HOST: 'example.com', TOTP_TOKEN_OTP_SEED: SEED, TOTP_TOKEN_SECERT: SECRET },
      /^error: TOTP_TOKEN_SECRET: missing; did you mean it by TOTP_TOKEN_SECERT\?\n$/,
    ],
    [
      'a bad host',
      { ...variables, TOTP_TOKEN_HOST: 'a b' },
      /^error: TOTP_TOKEN_HOST: not a host name/,
    ],
    [
      'a bad seed',
      { ...variables, TOTP_TOKEN_OTP_SEED: `${SEED}!` },
      /^error: TOTP_TOKEN_OTP_SEED: not base32/,
    ],
  ])('refuses %s, and shows no part of a key', async (_, env, message) => {
    const { code, stderr } = await runHere(['issue', '--jid', 'alice@example.com'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain(SEED.slice(0, 12));
    expect(stderr).not.toContain(SECRET.slice(0, 12));
  });
});
