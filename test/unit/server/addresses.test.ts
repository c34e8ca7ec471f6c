/**
 * Addresses to listen at, in the file, in variables and on the command line; and which two are one.
 */
import { describe, expect, it } from 'vitest';
import { isSameAddress } from '../../../src/server/config/address.js';
import { parseConfig } from '../../../src/server/config/parse.js';
import { temporaryFolder } from '../cli/binary.js';
import { runHere } from '../cli/in-process.js';

const MOST = process.platform === 'linux' ? 107 : 103;
const folder = temporaryFolder();

/** Each way to name an address, and what its faults are called. */
const WAYS = [
  ['listen', (address: string) => parseConfig(`listen = ${JSON.stringify(address)}`, 'g.toml', {})],
  [
    'dovecot.listen',
    (address: string) => parseConfig(`dovecot.listen = ${JSON.stringify(address)}`, 'g.toml', {}),
  ],
  [
    'spoe.listen',
    (address: string) => parseConfig(`spoe.listen = ${JSON.stringify(address)}`, 'g.toml', {}),
  ],
  [
    'TOTP_TOKEN_GATEWAY_LISTEN',
    (address: string) => parseConfig('', 'g.toml', { TOTP_TOKEN_GATEWAY_LISTEN: address }),
  ],
  [
    'TOTP_TOKEN_GATEWAY_DOVECOT_LISTEN',
    (address: string) => parseConfig('', 'g.toml', { TOTP_TOKEN_GATEWAY_DOVECOT_LISTEN: address }),
  ],
] as const;

const GOOD = [
  '127.0.0.1:0',
  '127.0.0.1:65535',
  'localhost:080',
  'gateway.internal:9',
  'a_b-c:9',
  '[::1]:9',
  '[::]:65535',
  '[::ffff:192.0.2.1]:9',
  'unix:/run/totp-token/http',
  `unix:${'x'.repeat(MOST)}`,
];

const BAD: [address: string, fix: string][] = [
  ['127.0.0.1:65536', 'write a port up to 65535'],
  ['127.0.0.1:99999', 'write a port up to 65535'],
  ['[::1]:70000', 'write a port up to 65535'],
  ['127.0.0.1:100000', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.0.0.1:-1', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.0.0.1:0x50', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.0.0.1:1e3', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.0.0.1: 80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.0.0.1:', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  [':80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['8080', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['256.0.0.1:80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['127.1:80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['::1:80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['[::1::]:80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['[127.0.0.1]:80', 'write HOST:PORT, [IPV6]:PORT or unix:PATH'],
  ['unix:', 'write unix: and the path of a socket'],
  [
    `unix:${'x'.repeat(MOST + 1)}`,
    `write a path of at most ${MOST} bytes, which is the limit of this system`,
  ],
  [
    `unix:/run/${'ü'.repeat(60)}`,
    `write a path of at most ${MOST} bytes, which is the limit of this system`,
  ],
];

describe.each(WAYS)('%s', (name, take) => {
  it.each(GOOD)('takes the address %s', (address) => {
    expect(() => take(address)).not.toThrow();
  });

  it.each(BAD)('refuses the address %s', (address, fix) => {
    const where = name.startsWith('TOTP') ? name : `g.toml: ${name}`;
    expect(() => take(address)).toThrow(`${where}: not usable; ${fix}`);
  });
});

describe.each(['--listen', '--dovecot', '--spoe'])('check-config %s', (option) => {
  const keys = folder.file(`keys${option}.json`, '{}');

  it.each(BAD.filter(([address]) => !address.includes('ü')))(
    'refuses the address %s with exit code 2',
    async (address, fix) => {
      const { code, stderr } = await runHere([
        'check-config',
        '--keys',
        keys,
        `${option}=${address}`,
      ]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(fix) });
    },
  );
});

it.each([
  ['127.0.0.1:8080', '127.0.0.1:8080', true],
  ['127.0.0.1:8080', '127.0.0.1:08080', true],
  ['127.0.0.1:8080', 'LOCALHOST:8080', true],
  ['127.0.0.1:8080', '0.0.0.0:8080', true],
  ['[::]:8080', '127.0.0.1:8080', true],
  ['[::1]:8080', '[0:0:0:0:0:0:0:1]:8080', true],
  ['unix:/run/a', 'unix:/run/../run//a', true],
  ['127.0.0.1:8080', '127.0.0.1:8081', false],
  ['127.0.0.1:8080', '127.0.0.2:8080', false],
  ['127.0.0.1:0', '127.0.0.1:0', false],
  ['unix:/run/a', 'unix:/run/b', false],
  ['unix:/run/a', '127.0.0.1:8080', false],
])('isSameAddress of %s and %s is %s', (one, other, isSame) => {
  expect(isSameAddress(one, other)).toBe(isSame);
  expect(isSameAddress(other, one)).toBe(isSame);
  for (const [first, second, before] of [
    ['listen', 'dovecot.listen', ''],
    ['listen', 'spoe.listen', ''],
    ['dovecot.listen', 'spoe.listen', 'listen = "127.0.0.1:1"\n'],
  ]) {
    const text = `${before}${first} = "${one}"\n${second} = "${other}"`;
    const parse = () => parseConfig(text, 'g.toml', {});
    const refused = `g.toml: ${second}: not usable; write another address than that of ${first}`;
    if (isSame) expect(parse).toThrow(refused);
    else expect(parse).not.toThrow();
  }
});

it.each([
  ['listenMode', '0660', true],
  ['listenMode', '666', true],
  ['listenMode', '0888', false],
  ['listenMode', '66', false],
  ['listenMode', 'rw-rw----', false],
  ['listenGroup', 'www-data', true],
  ['listenGroup', '33', true],
  ['listenGroup', '', false],
  ['listenGroup', 'www:data', false],
  ['spoe.mode', '0600', true],
  ['spoe.mode', '0o666', false],
  ['spoe.group', 'haproxy', true],
  ['spoe.group', 'ha proxy', false],
  ['dovecot.mode', '0666', true],
  ['dovecot.mode', '0o666', false],
  ['dovecot.group', 'prosody', true],
  ['dovecot.group', '../x', false],
])('a configuration with %s = "%s" is usable: %s', (field, value, isUsable) => {
  const parse = () => parseConfig(`${field} = "${value}"`, 'g.toml', {});
  if (isUsable) expect(parse).not.toThrow();
  else expect(parse).toThrow(`g.toml: ${field}: not usable; write `);
});

it.each([
  ['example.com', true],
  ['.example.com', true],
  ['localhost', true],
  ['a-b.example.com', true],
  ['.', false],
  ['..', false],
  ['example..com', false],
  ['example.com.', false],
  ['-a.example.com', false],
  ['a-.example.com', false],
  ['example.com; Path=/', false],
  ['', false],
  ['x'.repeat(254), false],
  [`${'x'.repeat(64)}.com`, false],
])('a configuration with session.domain = "%s" is usable: %s', (domain, isUsable) => {
  const text = `[session]\ncookie = "__Secure-t"\ndomain = "${domain}"`;
  const parse = () => parseConfig(text, 'g.toml', {});
  if (isUsable) expect(parse).not.toThrow();
  else expect(parse).toThrow('g.toml: session.domain: not usable; ');
});
