import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unreadable } from '../../../src/keyfile/small-file.js';
import { referenceAccepts } from '../../docs/cli-reference.js';
import {
  AT,
  BINARY,
  ended,
  KEYS,
  leaks,
  NOW_MS,
  run,
  SECRET,
  SEED,
  temporaryFolder,
} from '../cli/binary.js';
import { quoted, runHere } from '../cli/in-process.js';

const folder = temporaryFolder();
const pair = KEYS['example.com'];
const json = (value: unknown) => JSON.stringify(value, null, 2);
const TOML = `[hosts."example.com"]\notpSeed = "${SEED}"\ntokenSecret = "${SECRET}"\n`;
const DOTENV = `TOTP_TOKEN_HOST=example.com\nTOTP_TOKEN_OTP_SEED=${SEED}\nTOTP_TOKEN_SECRET=${SECRET}\n`;
const isPosix = process.platform !== 'win32';

describe('a key file', () => {
  it.each([
    ['a.json', json({ hosts: KEYS })],
    ['one-in-a-list.json', json({ hosts: { 'example.com': [pair] } })],
    [
      'with-everything.json',
      json({ hosts: KEYS, period: 30, digits: 8, algorithm: 'sha1', window: { past: 2 } }),
    ],
    ['with-bom.json', `\ufeff${json({ hosts: KEYS })}`],
    ['with-crlf.json', json({ hosts: KEYS }).replaceAll('\n', '\r\n')],
    ['capitals.json', json({ hosts: { 'Example.COM': pair } })],
    ['a.toml', TOML],
    ['rotating.toml', TOML.replace('[hosts."example.com"]', '[[hosts."example.com"]]')],
    ['a.env', DOTENV],
    ['.env', `# keys\nexport TOTP_TOKEN_HOST="example.com"\n${DOTENV}`],
    ['.env.production', DOTENV],
    ['json-without-a-name', json({ hosts: KEYS })],
    ['toml-without-a-name', TOML],
    ['env-without-a-name', DOTENV],
  ])('is read from %s', async (name, text) => {
    const file = folder.file(name, text);
    const { code, stdout, stderr } = await runHere([
      'issue',
      '--keys',
      file,
      '--jid',
      'alice@example.com',
      ...AT,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(referenceAccepts(pair, 'alice@example.com', stdout.trimEnd(), NOW_MS)).toBe(true);
  });

  it.runIf(isPosix)('is read from a pipe of the shell', async () => {
    const file = folder.file('piped.json', json({ hosts: KEYS }));
    const line = 'cat "$3" | "$1" "$2" issue --keys /dev/stdin --jid alice@example.com';
    const { code } = await ended(spawn('sh', ['-c', line, 'sh', process.execPath, BINARY, file]));
    expect(code).toBe(0);
  });

  it.runIf(isPosix).each([
    ['0644', true],
    ['0640', true],
    ['0602', true],
    ['0600', false],
    ['0400', false],
  ])('of mode %s gives a warning: %s', async (mode, isOpen) => {
    const file = folder.file('mode.json', json({ hosts: KEYS }));
    chmodSync(file, Number.parseInt(mode, 8));
    const { code, stderr } = await run(['issue', '--keys', file, '--jid', 'alice@example.com']);
    chmodSync(file, 0o600);
    expect(code).toBe(0);
    expect(stderr).toBe(
      isOpen
        ? `warning: key file ${file} is open to others (mode ${mode}); run: chmod 600 ${quoted(file)}\n`
        : '',
    );
  });
});

/** Why, the file's name and text, and what the message must say after the name. */
const BAD: readonly (readonly [string, string, string | Uint8Array, RegExp])[] = [
  ['an empty file', 'x.json', '', /, line 1, column 1: not valid JSON: the file ends too early/],
  [
    'a text without quotes',
    'x.json',
    `{\n  "hosts": {"a.b": {"otpSeed": ${SEED}}}}`,
    /, line 2, column 32: not valid JSON: a value is expected here/,
  ],
  [
    'single quotes',
    'x.json',
    `{"hosts": {"a.b": {"otpSeed": '${SEED}'}}}`,
    /, line 1, column 31: .*double quotes/,
  ],
  [
    'a missing comma',
    'x.json',
    json({ hosts: KEYS }).replace('",\n', '"\n'),
    /, line 5, column 7: not valid JSON: a comma or } is missing before this/,
  ],
  [
    'a comma too many',
    'x.json',
    json({ hosts: KEYS }).replace(`"${SECRET}"`, `"${SECRET}",`),
    /, line 6, column 5: not valid JSON: no comma may stand before }/,
  ],
  [
    'a comment',
    'x.json',
    `{\n  // the seed ${SEED}\n  "hosts": {}}`,
    /, line 2, column 3: not valid JSON: JSON has no comments/,
  ],
  [
    'a text that is not closed',
    'x.json',
    `{"hosts": {"a.b": {"tokenSecret": "${SECRET}\n}}}`,
    /, line 1, column 68: .*closing quote/,
  ],
  [
    'two documents',
    'x.json',
    `${json({ hosts: KEYS })}{}`,
    /, line 8, column 2: .*there is more text after the end/,
  ],
  [
    'a file that ends too early',
    'x.json',
    json({ hosts: KEYS }).slice(0, -4),
    /not valid JSON: the file ends too early/,
  ],
  [
    'a host twice',
    'x.json',
    `{"hosts": {\n"a.b": ${json(pair)},\n"a.b": ${json(pair)}}}`,
    /, line 6: a name occurs twice in one table/,
  ],
  ['a list', 'x.json', '[]', /, line 1: not a table of fields; write \{ "hosts"/],
  ['a file without hosts', 'x.json', '{}', /, line 1: hosts is missing; write "hosts"/],
  [
    'a table of hosts without a host',
    'x.json',
    '{"hosts": {}}',
    /, line 1: hosts: no host in it; write/,
  ],
  [
    'keys without their host',
    'x.json',
    json({ hosts: pair }),
    /, line 2: hosts: keys without the name of their host/,
  ],
  [
    'a field misspelt',
    'x.json',
    json({ hosts: { 'a.b': { otpSead: SEED, tokenSecret: SECRET } } }),
    /, line 3: hosts\["a\.b"\]: otpSead is not a known field; did you mean otpSeed\?/,
  ],
  [
    'an unknown field',
    'x.json',
    json({ hosts: KEYS, [SECRET]: 1 }),
    /, line 1: field 2 is not known; known are hosts, period,/,
  ],
  [
    'a host without its secret',
    'x.json',
    json({ hosts: { 'a.b': { otpSeed: SEED } } }),
    /, line 3: hosts\["a\.b"\]: tokenSecret is missing/,
  ],
  [
    'a secret that is a number',
    'x.json',
    json({ hosts: { 'a.b': { otpSeed: SEED, tokenSecret: 12345678 } } }),
    /, line 5: hosts\["a\.b"\]\.tokenSecret: not a text/,
  ],
  [
    'keys that are a text',
    'x.json',
    json({ hosts: { 'a.b': SECRET } }),
    /, line 3: hosts\["a\.b"\]: not a pair of keys/,
  ],
  [
    'a seed that is no base32',
    'x.json',
    json({ hosts: { 'a.b': { otpSeed: `${SEED}1`, tokenSecret: SECRET } } }),
    /, line 4: hosts\["a\.b"\]\.otpSeed: not base32; write the letters/,
  ],
  [
    'a seed that is no base32, in a list of one',
    'x.json',
    json({ hosts: { 'a.b': [{ otpSeed: '01', tokenSecret: SECRET }] } }),
    /, line 5: hosts\["a\.b"\](?:\[0\])?\.otpSeed: not base32/,
  ],
  [
    'a second seed that is no base32',
    'x.json',
    json({ hosts: { 'a.b': [pair, { otpSeed: `${SEED}1`, tokenSecret: SECRET }] } }),
    /, line 9: hosts\["a\.b"\]\[1\]\.otpSeed: not base32/,
  ],
  [
    'a seed of 75 bits',
    'x.json',
    json({ hosts: { 'a.b': { otpSeed: SEED.slice(0, 15), tokenSecret: SECRET } } }),
    /otpSeed: .* use 80 bits/,
  ],
  [
    'an empty secret',
    'x.json',
    json({ hosts: { 'a.b': { otpSeed: SEED, tokenSecret: '' } } }),
    /, line 5: hosts\["a\.b"\]\.tokenSecret: .*write a text/,
  ],
  [
    'a bad host',
    'x.json',
    json({ hosts: { 'not a host': pair } }),
    /, line 3: hosts\["not a host"\]: not a host name/,
  ],
  [
    'an empty list of keys',
    'x.json',
    json({ hosts: { 'a.b': [] } }),
    /, line 3: hosts\["a\.b"\]: 0 keys; give 1 to/,
  ],
  [
    'the same host in two spellings',
    'x.json',
    json({ hosts: { 'a.b': pair, 'A.B': pair } }),
    /hosts\["A\.B"\]: the same host is listed twice/,
  ],
  [
    'a period in quotes',
    'x.json',
    json({ hosts: KEYS, period: '30' }),
    /: period: not a number; write it without quotes/,
  ],
  ['a period of 0 seconds', 'x.json', json({ hosts: KEYS, period: 0 }), /: period: /],
  ['too many digits', 'x.json', json({ hosts: KEYS, digits: 11 }), /: digits: /],
  [
    'an algorithm that does not exist',
    'x.json',
    json({ hosts: KEYS, algorithm: SECRET }),
    /: algorithm: not a known algorithm; write one of SHA-1, SHA-256, SHA-512/,
  ],
  [
    'a window that is a number',
    'x.json',
    json({ hosts: KEYS, window: 1 }),
    /: window: not a table; write \{ "past": 1, "future": 1 \}/,
  ],
  [
    'a window with a misspelt field',
    'x.json',
    json({ hosts: KEYS, window: { pasd: 1 } }),
    /: window: pasd is not a known field; did you mean past\?/,
  ],
  [
    'TOML with a line that is no field',
    'x.toml',
    `${TOML}otpSeed ${SEED}\n`,
    /, line 4, column \d+: not valid TOML; /,
  ],
  [
    'TOML with a text without quotes',
    'x.toml',
    TOML.replace(`"${SECRET}"`, SECRET),
    /, line 3, column 15: not valid TOML; write texts in double quotes/,
  ],
  [
    'TOML with a field twice',
    'x.toml',
    `${TOML}tokenSecret = "${SECRET}"\n`,
    /, line 4, column 1: not valid TOML; .*each name once/,
  ],
  [
    'TOML with a text that is not closed',
    'x.toml',
    TOML.slice(0, -2),
    /not valid TOML; write texts in double quotes/,
  ],
  [
    'TOML with a date for a seed',
    'x.toml',
    TOML.replace(`"${SEED}"`, '2026-01-31'),
    /: hosts\["example\.com"\]\.otpSeed: not a text/,
  ],
  [
    'TOML with a bad seed',
    'x.toml',
    TOML.replace(SEED, `${SEED}8`),
    /: hosts\["example\.com"\]\.otpSeed: not base32/,
  ],
  [
    'TOML with dots in a host without quotes',
    'x.toml',
    TOML.replaceAll('"example.com"', 'example.com'),
    /: hosts\["example"\]: field 1 is not known/,
  ],
  [
    'a dotenv file without a secret',
    'x.env',
    DOTENV.replace(/TOTP_TOKEN_SECRET.*\n/, ''),
    /: TOTP_TOKEN_SECRET: missing/,
  ],
  [
    'a dotenv file with a bad seed',
    'x.env',
    DOTENV.replace(SEED, `${SEED}8`),
    /, line 2: TOTP_TOKEN_OTP_SEED: not base32/,
  ],
  [
    'a dotenv file with a bad host',
    'x.env',
    DOTENV.replace('example.com', '"a b"'),
    /, line 1: TOTP_TOKEN_HOST: not a host name/,
  ],
  [
    'a dotenv file with an empty secret',
    'x.env',
    DOTENV.replace(SECRET, ''),
    /, line 3: TOTP_TOKEN_SECRET: empty/,
  ],
  ['bytes that are no UTF-8', 'x.json', Uint8Array.of(0x7b, 0xff, 0x7d), /: not UTF-8 text/],
  [
    'a file of more than a megabyte',
    'x.json',
    ' '.repeat(1024 * 1024 + 1),
    /: larger than 1048576 bytes/,
  ],
  ['100,000 nested brackets', 'x.json', '['.repeat(100_000), /not valid JSON: nested too deeply/],
];

describe('the reader of key files gives one line with the name and the place, and quotes nothing', () => {
  it.each(BAD)('refuses %s', async (why, name, content, message) => {
    const file = folder.file(`${why.replaceAll(/\W/g, '-')}-${name}`, content as string);
    const { code, stdout, stderr } = await runHere([
      'issue',
      '--keys',
      file,
      '--jid',
      'alice@example.com',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(2);
    const rest = stderr.replace(/^error: (?:key file )?/, '');
    expect(rest.startsWith(file)).toBe(true);
    expect(rest.slice(file.length)).toMatch(message);
    expect(leaks(stderr, [SEED, SECRET])).toEqual([]);
  });

  it.each([
    [
      'a file that is not there',
      join(folder.path, 'none.json'),
      /: there is no such file; check its name\n$/,
    ],
    ['a directory', folder.path, /: it is a directory; name a file in it\n$/],
    [
      'a file in a file',
      join(folder.file('f', ''), 'k.json'),
      /: a part of its path is not a directory/,
    ],
    ['an empty name', '', /: there is no such file/],
  ])('refuses %s', async (_, file, message) => {
    const { code, stderr } = await runHere(['issue', '--keys', file, '--jid', 'alice@example.com']);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('explains the errors of the system in words', () => {
    // Not tried on a file: the tests may run as root, who may read everything.
    expect(unreadable({ code: 'EACCES' })).toMatchObject({
      fault: 'it may not be read',
      fix: 'check its owner and mode',
    });
    expect(unreadable({ code: 'EIO' }).fault).toBe('it cannot be read (EIO)');
  });
});
