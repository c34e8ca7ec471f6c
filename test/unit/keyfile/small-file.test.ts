/**
 * Files with secrets, keys and settings: what is no regular file is refused at once, and nothing
 * waits.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSmallFile } from '../../../src/keyfile/small-file.js';
import { readSecret } from '../../../src/server/secrets.js';
import { tempFolder } from '../../package/temp.js';
import { BINARY, ended, KEYS } from '../cli/binary.js';
import { runHere } from '../cli/in-process.js';

const folder = tempFolder();
const make = (name: string, text: string | Uint8Array = '') => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const isPosix = process.platform !== 'win32';

const fifo = join(folder, 'fifo');
if (isPosix) execFileSync('mkfifo', ['-m', '600', fifo]);
const linked = join(folder, 'link-to-fifo');
if (isPosix) symlinkSync(fifo, linked);
const socketPath = join(folder, 'socket');
const server = createServer().listen(isPosix ? socketPath : 0);
afterAll(() => void server.close());
mkdirSync(join(folder, 'folder'));

/** Files that are none, and what is said of each. */
const NOT_REGULAR: [name: string, path: string, fault: string][] = [
  ['a named pipe', fifo, 'it is a named pipe'],
  ['a link to a named pipe', linked, 'it is a named pipe'],
  ['a device without an end', '/dev/zero', 'it is a device'],
  ['an empty device', '/dev/null', 'it is a device'],
  ['a socket', socketPath, 'it is not a regular file'],
  ['a folder', join(folder, 'folder'), 'it is a directory'],
  ['a file that is missing', join(folder, 'missing'), 'there is no such file'],
];

describe.runIf(isPosix).each(NOT_REGULAR)('%s', (_, path, fault) => {
  it('is refused as a secret file', () => {
    const read = () => readSecret(path, 'session.secretFile', { folder, look() {} });
    expect(read).toThrow(`session.secretFile: its file is not usable: ${fault}; `);
  });

  it.each([
    ['session', `[session]\nsecretFile = "${path}"`, 'session.secretFile'],
    ['issue', `[issue]\nsecretFile = "${path}"`, 'issue.secretFile'],
    [
      'redis',
      `[guard]\nkind = "redis"\nredis.url = "redis://127.0.0.1"\nredis.passwordFile = "${path}"`,
      'guard.redis.passwordFile',
    ],
    [
      'ca',
      `[guard]\nkind = "redis"\nredis.url = "rediss://127.0.0.1"\nredis.caFile = "${path}"`,
      'guard.redis.caFile',
    ],
    [
      'hosts',
      `[hosts."example.com"]\notpSeedFile = "${path}"\ntokenSecretFile = "${path}"`,
      'hosts["example.com"].otpSeedFile',
    ],
  ])('is refused by check-config as a file of %s', async (name, text, field) => {
    const isHosts = name === 'hosts';
    const keys = make('keys.json', JSON.stringify({ hosts: KEYS }));
    const config = make(
      `${name}.toml`,
      `${isHosts ? '' : `keys = ${JSON.stringify(keys)}\n`}${text}`,
    );
    const { code, stderr } = await runHere(['check-config', '--config', config]);
    expect(stderr).toContain(`${field}: its file is not usable: ${fault}; `);
    expect(code).toBe(2);
  });

  it('is refused as a key file and as the configuration', async () => {
    const issue = await runHere(['issue', '--keys', path, '--jid', 'alice@example.com']);
    expect(issue).toMatchObject({ code: 2, stderr: expect.stringContaining(fault) });
    const check = await runHere(['check-config', '--config', path]);
    expect(check).toMatchObject({ code: 2, stderr: expect.stringContaining(`: ${fault}; `) });
  });
});

describe('a secret file', () => {
  const read = (text: string | Uint8Array) =>
    readSecret(make('secret', text), 'issue.secretFile', { folder, look() {} });

  it('holds the secret in its first line, without white space around it', () => {
    expect(read('  abc \r\nmore\n')).toBe('abc');
    expect(read('\ufeffabc')).toBe('abc');
    expect(read('ü'.repeat(100))).toBe('ü'.repeat(100));
  });

  it.each([
    ['no byte in it', '', 'its first line is empty'],
    ['an empty first line', '\nabc', 'its first line is empty'],
    ['bytes that are no UTF-8', Buffer.from('S3cr\xe9t', 'latin1'), 'not UTF-8 text'],
    ['more than 64 KiB', 'x'.repeat(65_537), 'larger than 65536 bytes'],
  ])('with %s is refused, and no part of it is shown', (_, text, fault) => {
    expect(() => read(text)).toThrow(`issue.secretFile: its file is not usable: ${fault}`);
    expect(() => read(text)).not.toThrow(/S3cr/);
  });
});

describe('the size limit', () => {
  it('takes a file of exactly so many bytes, and refuses one byte more', () => {
    expect(readSmallFile(make('just', 'x'.repeat(1000)), { maxBytes: 1000 })).toHaveLength(1000);
    expect(() => readSmallFile(make('more', 'x'.repeat(1001)), { maxBytes: 1000 })).toThrow(
      /larger than 1000 bytes/,
    );
  });
});

describe.runIf(isPosix)('a pipe that the program was started with', () => {
  it.each([
    ['key file', 'issue --jid alice@example.com --keys', JSON.stringify({ hosts: KEYS })],
    [
      'configuration',
      'check-config --config',
      `keys = ${JSON.stringify(make('k.json', JSON.stringify({ hosts: KEYS })))}`,
    ],
  ])('may hold the %s, even if its writer starts late', async (_, command, text) => {
    const file = make('piped', text);
    // /dev/stdin is the pipe itself; the writer starts after the reader has opened it or before, as
    // it comes.
    const line = `{ read -r _ < "${fifo}"; cat "${file}"; } | "${process.execPath}" "${BINARY}" ${command} /dev/stdin`;
    const child = spawn('sh', ['-c', line]);
    const result = ended(child);
    const go = ended(spawn('sh', ['-c', `echo go > "${fifo}"`]));
    expect(await result).toMatchObject({ code: 0, stderr: '' });
    await go;
  });
});
