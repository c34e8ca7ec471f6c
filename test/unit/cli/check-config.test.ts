/** What check-config opens, shows, and calls by which name. */

import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { KEYS, leaks, SECRET, SEED, temporaryFolder } from './binary.js';
import { runHere } from './in-process.js';

const folder = temporaryFolder();
const keys = folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
const at = (name: string) => join(folder.path, name);
const isPosix = process.platform !== 'win32';
let number = 0;
const check = (text: string, args: readonly string[] = [], env: Record<string, string> = {}) => {
  const file = folder.file(`${++number}.toml`, `keys = "keys.json"\n${text}`);
  return runHere(['check-config', '--config', file, ...args], { env });
};
const PREFIX = 'TOTP_TOKEN_GATEWAY_';

describe('check-config calls a field what the operator called it', () => {
  const withKeys = ['check-config', '--keys', keys];

  it.each([
    ['--listen', ['--listen', 'x'], {}],
    ['--listen', ['--listen', `unix:${at('none/http')}`], {}],
    ['--dovecot', ['--dovecot', `unix:${at('none/dovecot')}`], {}],
    ['--spoe', ['--spoe', '127.0.0.1:70000'], {}],
    ['--workers', ['--workers', 'two'], {}],
    ['--workers', ['--workers', '0'], {}],
    [`${PREFIX}LISTEN`, [], { [`${PREFIX}LISTEN`]: 'x' }],
    [`${PREFIX}LISTEN`, [], { [`${PREFIX}LISTEN`]: `unix:${at('none/http')}` }],
    [`${PREFIX}AUTH_DEFAULT_HOST`, [], { [`${PREFIX}AUTH_DEFAULT_HOST`]: 'other.example' }],
    [`${PREFIX}PROXIES_TRUSTED`, [], { [`${PREFIX}PROXIES_TRUSTED`]: 'unix,everyone' }],
    [`${PREFIX}TOKEN_PERIOD`, [], { [`${PREFIX}TOKEN_PERIOD`]: '0' }],
    [`${PREFIX}GUARD_PATH`, [], { [`${PREFIX}GUARD_KIND`]: 'lmdb', [`${PREFIX}GUARD_PATH`]: keys }],
    ['auth.defaultHost', [], {}, '[auth]\ndefaultHost = "other.example"'],
    ['session.secretFile', [], {}, '[session]\nsecretFile = "none"'],
    ['listenGroup', [], {}, `listen = "unix:${at('http')}"\nlistenGroup = "no-such-group"`],
    ...(['dovecot', 'spoe', 'metrics'] as const).map(
      (table) =>
        [
          `${table}.group`,
          [],
          {},
          `[${table}]\nlisten = "unix:${at(table)}"\ngroup = "no-such-group"`,
        ] as const,
    ),
  ] as const)('%s (%#)', async (name, args, env, text = undefined) => {
    const file = text === undefined ? undefined : folder.file(`${++number}.toml`, text);
    const where = file === undefined ? '' : `${file}: `;
    const options = file === undefined ? [] : ['--config', file];
    const { code, stderr } = await runHere([...withKeys, ...options, ...args], { env: { ...env } });
    expect(stderr.startsWith(`error: ${where}${name}`), stderr).toBe(true);
    expect(code).toBe(2);
  });

  it('says that a key stands where the name of a file belongs, and does not repeat it', async () => {
    for (const secret of [SEED, SECRET]) {
      const { code, stderr } = await runHere(['check-config', '--keys', secret]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: key file: it looks like a key .*; put the key into a file/);
      expect(leaks(stderr, [SEED, SECRET])).toEqual([]);
    }
    const config = folder.file('pasted.toml', `keys = "${SECRET}"`);
    const { stderr } = await runHere(['check-config', '--config', config]);
    expect(leaks(stderr, [SECRET])).toEqual([]);
  });

  it('says that a file for certificates holds none', async () => {
    const redis = '[guard]\nkind = "redis"\n[guard.redis]\nurl = "rediss://there"\ncaFile = ';
    const { code, stderr } = await check(`${redis}"keys.json"`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/guard\.redis\.caFile: .*it holds no certificate in PEM; name a file/);
    expect((await check(`${redis}"."`)).stderr).toMatch(/caFile: .*it is a directory/);
  });
});

describe('check-config --connect', () => {
  it('finds an address that is taken, and leaves a free one free', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    try {
      const args = ['--connect', '--listen', address];
      const { code, stderr } = await check('', args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: --listen: 127\.0\.0\.1:\d+ is taken \(EADDRINUSE\); choose/);
      expect(await check('', ['--connect', 'stores', '--listen', address])).toMatchObject({
        code: 0,
      });
      expect(await check('', ['--listen', address])).toMatchObject({ code: 0 });
    } finally {
      await new Promise((closed) => taken.close(closed));
    }
    expect(await check('', ['--connect', '--listen', address])).toMatchObject({ code: 0 });
    expect(await check('', ['--connect', '--listen', address])).toMatchObject({ code: 0 });
  });

  it.runIf(isPosix)('opens sockets and leaves none behind', async () => {
    const names = ['dovecot', 'spoe', 'metrics'];
    const tables = names.map((name) => `[${name}]\nlisten = "unix:${at(name)}.sock"`).join('\n');
    const text = `listen = "unix:${at('probe.sock')}"\n${tables}`;
    expect(await check(text, ['--connect'])).toMatchObject({ code: 0, stderr: '' });
    expect([...names, 'probe'].filter((name) => existsSync(`${at(name)}.sock`))).toEqual([]);
  });

  it.runIf(isPosix)('finds two addresses that are one to the system', async () => {
    symlinkSync(folder.path, at('link'));
    const text = `listen = "unix:${at('one.sock')}"\n[metrics]\nlisten = "unix:${at('link/one.sock')}"`;
    const { code, stderr } = await check(text, ['--connect']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/metrics\.listen: unix:.*one\.sock is taken/);
    expect(existsSync(at('one.sock'))).toBe(false);
  });

  it('says that this machine has no such address', async () => {
    // TEST-NET-3, RFC 5737: nobody has it.
    const { code, stderr } = await check('listen = "203.0.113.1:8080"', ['--connect']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/listen: 203\.0\.113\.1:8080 cannot be used \(EADDRNOTAVAIL\)/);
  });

  it('says that nobody answers at the address of Redis', async () => {
    const text = '[guard]\nkind = "redis"\n[guard.redis]\nurl = ';
    const { code, stderr } = await check(`${text}"unix:${at('none.sock')}"`, [
      '--connect',
      'stores',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: redis: .*ENOENT/);
    expect(await check(`${text}"unix:${at('none.sock')}"`)).toMatchObject({ code: 0 });
  });

  it('opens an LMDB folder that is there, and makes none', async () => {
    const missing = await check('[guard]\nkind = "lmdb"\npath = "lmdb-none"', [
      '--connect',
      'stores',
    ]);
    expect(missing).toMatchObject({ code: 0 });
    expect(missing.stderr).toMatch(/^warning: guard\.path: the folder is not there yet/);
    expect(existsSync(at('lmdb-none'))).toBe(false);
    mkdirSync(at('lmdb-broken'));
    folder.file('lmdb-broken/data.mdb', 'x'.repeat(8192));
    const broken = await check('[guard]\nkind = "lmdb"\npath = "lmdb-broken"', [
      '--connect',
      'stores',
    ]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).not.toContain('fault of this program');
    expect(statSync(at('lmdb-broken/data.mdb')).size).toBe(8192);
  });

  it('refuses another word, and two ways to print', async () => {
    expect((await check('', ['--connect', 'redis'])).stderr).toMatch(
      /^error: --connect: not known/,
    );
    expect((await check('', ['--print', '--json'])).stderr).toMatch(/give one of them/);
  });
});

describe('check-config --print and --json', () => {
  const secrets = {
    [`${PREFIX}SESSION_SECRET`]: SECRET,
    [`${PREFIX}ISSUE_SECRET`]: SECRET,
    [`${PREFIX}GUARD_REDIS_PASSWORD`]: SECRET,
    [`${PREFIX}GUARD_REDIS_URL`]: `redis://me:${SECRET}@cache.example:6380/2`,
  };

  it('show every field that the gateway would run on, and no secret', async () => {
    const text = '[guard]\nkind = "redis"\n[token]\nfuture = 2\n[limits]\nbodyBytes = 2048';
    const printed = await check(text, ['--print', '--listen', '[::1]:0'], secrets);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toMatch(/^# usable: 1 host, \[::1\]:0\n/);
    const inJson = JSON.parse(
      (await check(text, ['--json', '--listen', '[::1]:0'], secrets)).stdout,
    );
    expect(parse(printed.stdout)).toEqual(inJson);
    expect(inJson).toMatchObject({
      listen: '[::1]:0',
      keys: 'keys.json',
      workers: 1,
      token: { future: 2 },
      limits: { bodyBytes: 2048, bodyMs: 10_000 },
      guard: {
        kind: 'redis',
        rejectStepsBefore: 'start',
        timeoutMs: 2000,
        redis: { url: 'redis://(set)@cache.example:6380/2', password: '(set)' },
      },
      session: { seconds: 900, secret: '(set)' },
      issue: { secret: '(set)' },
      hosts: { 'example.com': { keys: 1 } },
    });
    expect(leaks(printed.stdout + JSON.stringify(inJson), [SEED, SECRET])).toEqual([]);
  });

  it('show the folder of an LMDB guard, and nothing of a guard that is not used', async () => {
    const { stdout } = await check('[guard]\nkind = "lmdb"\npath = "g"', ['--json']);
    expect(JSON.parse(stdout).guard).toEqual({
      kind: 'lmdb',
      rejectStepsBefore: 'creation',
      timeoutMs: 2000,
      path: at('g'),
    });
    expect(JSON.parse((await check('', ['--json'])).stdout).guard.kind).toBe('memory');
  });
});
