import { describe, expect, it } from 'vitest';
import { referenceTotp } from '../../docs/cli-reference.js';
import { AT, KEYS, leaks, NOW_MS, run, SECRET, SEED, temporaryFolder } from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const secretFile = folder.file('seed.txt', `${SEED}\n`);
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const code = referenceTotp(SEED, NOW_MS);
const STEP = Math.floor(NOW_MS / 30_000);

describe('totp', () => {
  it.each([
    ['--secret-file', ['--secret-file', secretFile], {}],
    ['TOTP_SECRET', [], { TOTP_SECRET: SEED }],
    [
      'TOTP_SECRET before keys of the environment',
      [],
      { TOTP_SECRET: SEED, TOTP_TOKEN_KEYS: '/nowhere' },
    ],
    ['the one host of --keys', ['--keys', keys], {}],
    [
      'a host of --keys before TOTP_SECRET',
      ['--keys', keys, '--host', 'EXAMPLE.com'],
      { TOTP_SECRET: 'A'.repeat(32) },
    ],
    ['a host of TOTP_TOKEN_KEYS', ['--host', 'example.com'], { TOTP_TOKEN_KEYS: keys }],
    [
      'the seed in three variables',
      [],
      { TOTP_TOKEN_HOST: 'a.b', TOTP_TOKEN_OTP_SEED: SEED, TOTP_TOKEN_SECRET: SECRET },
    ],
  ])('prints the code of the secret from %s', async (_, args, env) => {
    expect(await run(['totp', ...args, ...AT], { env })).toMatchObject({
      code: 0,
      stdout: `${code}\n`,
      stderr: '',
    });
  });

  // The rows of RFC 6238 Appendix B; their seeds are the digits 1 to 0, repeated to 20, 32 and 64
  // bytes.
  const seeds = {
    'SHA-1': 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    'SHA-256': 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA',
    'SHA-512': `${'GEZDGNBVGY3TQOJQ'.repeat(6)}GEZDGNA`,
  };
  it.each([
    ['SHA-1', 59, '94287082'],
    ['SHA-256', 59, '46119246'],
    ['HmacSHA256', 59, '46119246'],
    ['SHA-512', 59, '90693936'],
    ['SHA-1', 1111111109, '07081804'],
    ['SHA-256', 1111111109, '68084774'],
    ['SHA-512', 20000000000, '47863826'],
  ] as const)('RFC 6238 Appendix B: %s at %i s is %s', async (algorithm, seconds, expected) => {
    const env = { TOTP_SECRET: seeds[algorithm.replace('HmacSHA', 'SHA-') as 'SHA-1'] };
    const { stdout } = await runHere(
      ['totp', '--algorithm', algorithm, '--at', `${seconds * 1000}`],
      {
        env,
      },
    );
    expect(stdout).toBe(`${expected}\n`);
  });

  it('--json prints the step and the seconds that the code stays valid', async () => {
    const { stdout } = await runHere(['totp', '--secret-file', secretFile, '--json', ...AT]);
    expect(JSON.parse(stdout)).toEqual({ code, step: STEP, validForSeconds: 20 });
  });

  it.each([
    [NOW_MS - 10_000, 30],
    [NOW_MS - 9_999, 30],
    [NOW_MS + 19_999, 1],
  ])('counts the seconds that the code stays valid at %i ms', async (at, expected) => {
    const { stdout } = await runHere([
      'totp',
      '--secret-file',
      secretFile,
      '--json',
      '--at',
      `${at}`,
    ]);
    expect(JSON.parse(stdout).validForSeconds).toBe(expected);
  });

  it('takes digits and period from options, else from the key file', async () => {
    const file = folder.file('six.json', JSON.stringify({ hosts: KEYS, digits: 6, period: 60 }));
    const six = referenceTotp(SEED, NOW_MS, { digits: 6, period: 60 });
    const seven = referenceTotp(SEED, NOW_MS, { digits: 7, period: 60 });
    expect((await runHere(['totp', '--keys', file, ...AT])).stdout).toBe(`${six}\n`);
    expect((await runHere(['totp', '--keys', file, '--digits', '7', ...AT])).stdout).toBe(
      `${seven}\n`,
    );
  });
});

describe('totp --check', () => {
  it.each([
    [
      'accepts the code of the present step',
      code,
      0,
      { ok: true, code: 'accepted', step: STEP, drift: 0 },
    ],
    [
      'accepts the code of the step before',
      referenceTotp(SEED, NOW_MS - 30_000),
      0,
      { ok: true, code: 'accepted', step: STEP - 1, drift: -1 },
    ],
    [
      'accepts the code of the step to come',
      referenceTotp(SEED, NOW_MS + 30_000),
      0,
      { ok: true, code: 'accepted', step: STEP + 1, drift: 1 },
    ],
    [
      'rejects the code of two steps ago',
      referenceTotp(SEED, NOW_MS - 60_000),
      1,
      { ok: false, code: 'wrong-otp' },
    ],
    [
      'rejects a code of another length as malformed',
      code.slice(1),
      1,
      { ok: false, code: 'malformed' },
    ],
    ['rejects a text that is no code as malformed', SECRET, 1, { ok: false, code: 'malformed' }],
  ])('%s', async (_, checked, exitCode, verdict) => {
    const result = await runHere(['totp', '--secret-file', secretFile, '--check', checked, ...AT]);
    expect(result).toMatchObject({ code: exitCode, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual(verdict);
  });

  it('reads the code from stdin, and no more of stdin than a code is long', async () => {
    const args = ['totp', '--secret-file', secretFile, '--check', '-', ...AT];
    expect((await runHere(args, { stdin: `${code}\n` })).code).toBe(0);
    expect((await runHere(args, { stdin: '1'.repeat(100_000) })).code).toBe(1);
  });

  it('accepts the present code alone with --window 0', async () => {
    const before = referenceTotp(SEED, NOW_MS - 30_000);
    const args = ['totp', '--secret-file', secretFile, '--window', '0', ...AT];
    expect((await runHere([...args, '--check', code])).code).toBe(0);
    expect((await runHere([...args, '--check', before])).code).toBe(1);
  });

  it('accepts a code of any key of a host while its keys rotate', async () => {
    const next = { otpSeed: 'B'.repeat(32), tokenSecret: 'next' };
    const file = folder.file(
      'rotating.json',
      JSON.stringify({ hosts: { 'example.com': [next, KEYS['example.com']] } }),
    );
    expect((await runHere(['totp', '--keys', file, '--check', code, ...AT])).code).toBe(0);
    expect((await runHere(['totp', '--keys', file, ...AT])).stdout).toBe(
      `${referenceTotp(next.otpSeed, NOW_MS)}\n`,
    );
  });
});

describe('totp with an otpauth URI', () => {
  const digits = ['--digits', '6', '--account', 'alice', '--issuer', 'Example'];

  it('--otpauth prints a URI that --uri reads', async () => {
    const { stdout: uri } = await runHere([
      'totp',
      '--secret-file',
      secretFile,
      '--otpauth',
      ...digits,
    ]);
    const url = new URL(uri);
    expect(url.protocol + url.host).toBe('otpauth:totp');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      secret: SEED,
      issuer: 'Example',
      digits: '6',
    });
    const six = `${referenceTotp(SEED, NOW_MS, { digits: 6 })}\n`;
    expect((await runHere(['totp', '--uri', '-', ...AT], { stdin: uri })).stdout).toBe(six);
    const file = folder.file('uri.txt', uri);
    expect(await runHere(['totp', '--uri', file, ...AT])).toMatchObject({
      stdout: six,
      stderr: '',
    });
  });

  it('--otpauth names the host where no account is given', async () => {
    const { stdout } = await runHere(['totp', '--keys', keys, '--otpauth']);
    expect(stdout).toMatch(/^otpauth:\/\/totp\/example\.com\?/);
  });

  it('warns that others can read a URI in the arguments', async () => {
    const { code: exitCode, stderr } = await runHere([
      'totp',
      '--uri',
      `otpauth://totp/a?secret=${SEED}`,
      ...AT,
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: other users can read the secret of --uri in the process list/,
    );
    expect(leaks(stderr, [SEED])).toEqual([]);
  });
});

describe('totp', () => {
  it.each([
    [
      'a call without a secret',
      [],
      '',
      /^error: no secret; give --secret-file FILE, --uri FILE or --keys FILE, or set TOTP_SECRET/,
    ],
    [
      'two sources of a secret',
      ['--secret-file', secretFile, '--keys', keys],
      '',
      /both name a secret; give one of them/,
    ],
    [
      'a secret that is no base32',
      ['--secret-file', folder.file('bad.txt', `${SEED}1`)],
      '',
      /: not base32/,
    ],
    [
      'a secret file that is not there',
      ['--secret-file', 'none.txt'],
      '',
      /^error: secret file none\.txt: there is no such file/,
    ],
    [
      'a secret file with a URI',
      ['--secret-file', folder.file('uri', `otpauth://totp/a?secret=${SEED}`)],
      '',
      /give the file to --uri/,
    ],
    ['a text that is no URI', ['--uri', '-'], `otpauth//totp/a?secret=${SEED}`, /^error: --uri: /],
    ['a URI without a secret', ['--uri', '-'], 'otpauth://totp/a?digits=6', /^error: --uri: /],
    [
      'a URI for HOTP',
      ['--uri', '-'],
      `otpauth://hotp/a?secret=${SEED}&counter=1`,
      /^error: --uri: .*HOTP/,
    ],
    [
      'a URI of more than 8 KiB',
      ['--uri', '-'],
      `otpauth://totp/a?secret=${SEED.repeat(1000)}`,
      /^error: --uri: more than/,
    ],
    [
      'a bad seed beside a good one',
      [
        '--keys',
        folder.file(
          'bad.json',
          JSON.stringify({
            hosts: { 'a.b': [KEYS['example.com'], { otpSeed: '8', tokenSecret: SECRET }] },
          }),
        ),
      ],
      '',
      /bad\.json, line 1: hosts\["a\.b"\]\[1\]\.otpSeed: /,
    ],
    [
      'a host without keys',
      ['--keys', keys, '--host', 'b.example'],
      '',
      /^error: --host: no keys for it; name one of example\.com\n/,
    ],
    [
      'codes of five digits',
      ['--secret-file', secretFile, '--digits', '5'],
      '',
      /^error: --digits: .* from 6 to 10\n/,
    ],
    [
      'a period of 0 seconds',
      ['--secret-file', secretFile, '--period', '0'],
      '',
      /^error: --period: .* from 1 to 86400\n/,
    ],
    [
      'a period in milliseconds',
      ['--secret-file', secretFile, '--period', '30000'],
      '',
      /^error: --period: looks like milliseconds; write seconds, such as 30\n/,
    ],
    [
      'a period in milliseconds in the key file',
      ['--keys', folder.file('ms.json', JSON.stringify({ hosts: KEYS, period: 30_000 }))],
      '',
      /ms\.json, line 1: period: got 30000, which looks like milliseconds; write seconds/,
    ],
    [
      'an export of Google Authenticator',
      ['--uri', '-'],
      'otpauth-migration://offline?data=AA',
      /^error: --uri: an export of several keys/,
    ],
    [
      'an unknown hash',
      ['--secret-file', secretFile, '--algorithm', 'MD5'],
      '',
      /^error: --algorithm: not a known one; write SHA-1, SHA-256, SHA-512\n/,
    ],
    [
      'a window of 11 steps',
      ['--secret-file', secretFile, '--window', '11'],
      '',
      /^error: --window: .* from 0 to 10\n/,
    ],
    [
      '--otpauth without an account',
      ['--secret-file', secretFile, '--otpauth'],
      '',
      /^error: --account is missing/,
    ],
    [
      '--otpauth beside --check',
      ['--secret-file', secretFile, '--otpauth', '--check', '1'],
      '',
      /give one of them/,
    ],
    [
      '--otpauth beside --json',
      ['--secret-file', secretFile, '--otpauth', '--json'],
      '',
      /give one of them/,
    ],
    [
      '--issuer without --otpauth',
      ['--secret-file', secretFile, '--issuer', 'x'],
      '',
      /--account and --issuer go with --otpauth/,
    ],
    [
      'a URI and a code that both come from stdin',
      ['--uri', '-', '--check', '-'],
      '',
      /only one can come from stdin/,
    ],
  ])('refuses %s, and shows no secret', async (_, args, stdin, message) => {
    const { code: exitCode, stdout, stderr } = await runHere(['totp', ...args], { stdin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(leaks(stderr, [SEED, SECRET])).toEqual([]);
  });
});
