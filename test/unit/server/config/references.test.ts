/** check-config refuses a configuration that points at hosts or folders that are not there. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/server/config/parse.js';
import { checkReferences } from '../../../../src/server/config/references.js';
import { KEYS, temporaryFolder } from '../../cli/binary.js';
import { runHere } from '../../cli/in-process.js';

const folder = temporaryFolder();
folder.file(
  'keys.json',
  JSON.stringify({ hosts: { ...KEYS, 'münchen.example': KEYS['example.com'] } }),
);
folder.file('a-file', '');
mkdirSync(join(folder.path, 'there'));
const at = (name: string) => join(folder.path, name);

let number = 0;
async function check(text: string) {
  const config = folder.file(`${++number}.toml`, `keys = "keys.json"\n${text}`);
  return runHere(['check-config', '--config', config]);
}

describe('check-config', () => {
  it.each([
    'auth.defaultHost = "example.com"',
    'auth.defaultHost = "Example.COM"',
    'auth.defaultHost = "münchen.example"',
    'dovecot.host = "example.com"',
    `listen = "unix:${at('there/http')}"`,
    `dovecot.listen = "unix:${at('there/dovecot')}"`,
    `spoe.listen = "unix:${at('there/spoe')}"`,
    'guard.kind = "lmdb"\nguard.path = "there"',
    'guard.kind = "lmdb"\nguard.path = "there/guard/of/mine"',
    // Not looked at by the guard in memory.
    'guard.path = "a-file"',
    'listen = "127.0.0.1:8080"\ndovecot.listen = "127.0.0.1:8081"',
  ])('says usable for %s', async (text) => {
    expect(await check(text)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [
      'auth.defaultHost = "example.org"',
      'auth.defaultHost: a host without keys; name a host that has keys',
    ],
    ['auth.defaultHost = "."', 'auth.defaultHost: a host without keys'],
    ['dovecot.host = "other.example"', 'dovecot.host: a host without keys'],
    [
      `listen = "unix:${at('missing/http')}"`,
      `listen: its folder ${at('missing')} is missing; make the folder`,
    ],
    [
      `dovecot.listen = "unix:${at('missing/http')}"`,
      `dovecot.listen: its folder ${at('missing')} is missing`,
    ],
    [
      `spoe.listen = "unix:${at('missing/spoe')}"`,
      `spoe.listen: its folder ${at('missing')} is missing`,
    ],
    [
      `listen = "unix:${at('a-file')}"`,
      'listen: a file at this path is not a socket; name another path',
    ],
    [`listen = "unix:${at('there')}"`, 'listen: a file at this path is not a socket'],
    [
      `dovecot.listen = "unix:${at('a-file')}"`,
      'dovecot.listen: a file at this path is not a socket',
    ],
    ['guard.kind = "redis"\nguard.redis.url = "redis://h:0"', 'guard.redis.url: not an address'],
    [
      'guard.kind = "redis"\nguard.redis.nodes = ["redis://h:0"]',
      'guard.redis.nodes: not an address',
    ],
    [`listen = "unix:${at('a-file/http')}"`, `listen: its folder ${at('a-file')} is a file`],
    [
      'guard.kind = "lmdb"\nguard.path = "a-file"',
      `guard.path: its folder ${at('a-file')} is a file`,
    ],
    [
      'guard.kind = "lmdb"\nguard.path = "a-file/guard"',
      `guard.path: its folder ${at('a-file')} is a file`,
    ],
    [
      'listen = "127.0.0.1:8081"\ndovecot.listen = "127.0.0.1:8081"',
      'dovecot.listen: not usable; write another',
    ],
    ['[session]\ncookie = "__Secure-t"\ndomain = "."', 'session.domain: not usable'],
  ])('refuses %s, with the field and the fault', async (text, message) => {
    const { code, stderr } = await check(text);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  // Root may write everywhere.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'refuses a folder that may not be written to',
    () => {
      mkdirSync(at('closed'));
      chmodSync(at('closed'), 0o500);
      const config = parseConfig(`listen = "unix:${at('closed/http')}"`, 'g.toml', {});
      expect(() => checkReferences(config, [], '.')).toThrow(
        `listen: its folder ${at('closed')} may not be written to`,
      );
    },
  );
});

it('refuses a configuration that is nested 100,000 tables deep in one sentence', async () => {
  const { code, stderr } = await check(`listen${'.a'.repeat(100_000)} = 1`);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('listen: not usable'),
  });
});

it('puts variables over the tables of a file, and refuses what is no table as without them', () => {
  const env = { TOTP_TOKEN_GATEWAY_LIMITS_BODY_BYTES: '4096' };
  const config = parseConfig('[limits]\nbodyMs = 500', 'g.toml', env);
  expect(config.limits).toMatchObject({ bodyBytes: 4096, bodyMs: 500 });
  for (const text of ['limits = 5', 'limits = [1, 2]', 'limits = "x"']) {
    expect(() => parseConfig(text, 'g.toml', env), text).toThrow('g.toml: limits: not usable');
  }
});
