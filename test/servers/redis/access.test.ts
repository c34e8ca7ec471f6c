/** Logins and TLS, and the servers and options that are refused when a guard is made. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createRedisGuard,
  type RedisGuard,
  type RedisGuardOptions,
} from '../../../src/guards/redis/index.js';
import { freePort } from '../../../tools/testbed/free-port.js';
import { fromDebian } from '../../../tools/testbed/programs.js';
import { tempFolder } from '../../package/temp.js';
import { markUntil } from '../../unit/guards/marks.js';
import { until } from '../../unit/guards/until.js';
import { PATIENT } from './patience.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const SECRET = 'Tr0ub4dor&3/geheim';
const folder = tempFolder();
const open: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of open.splice(0)) await guard.close();
});

async function guardOf(options: RedisGuardOptions): Promise<RedisGuard> {
  const guard = await createRedisGuard({ ...PATIENT, ...options });
  open.push(guard);
  return guard;
}

let count = 0;
const mark = () =>
  markUntil(`abcdefghij${String(++count).padStart(6, '0')}`, 58_900_000, Date.now() + 600_000);

/** The error with which a guard is not made. It never shows the secret. */
async function refusalOf(options: RedisGuardOptions): Promise<{ code: string; message: string }> {
  const error = await createRedisGuard(options).then(
    () => expect.unreachable(),
    (error) => error,
  );
  for (const text of [error.message, inspect(error), `${error.stack}`, JSON.stringify(error)]) {
    for (const secret of [SECRET, encodeURIComponent(SECRET)]) expect(text).not.toContain(secret);
  }
  return error;
}

describe('a user of the ACL', () => {
  const rules = ['~tt:*', '+set', '+get', '+pexpireat', '+info', '+time', '+ping'];
  const start = (...more: string[]) =>
    startRedis('--user', 'gate', 'on', `>${SECRET}`, ...rules, ...more);

  it('needs the documented commands and no others', async () => {
    const { url } = await start();
    const guard = await guardOf({ url, username: 'gate', password: SECRET });
    const marks = [mark()];
    expect(await guard.remember(marks)).toEqual(['fresh']);
    expect(await guard.remember(marks)).toEqual(['replayed']);
    expect(inspect(guard, { depth: 9 })).not.toContain(SECRET);
  });

  it('needs one more command to wait for replicas', async () => {
    const { url } = await start();
    const options = { url, username: 'gate', password: SECRET, wait: { replicas: 1 } };
    expect((await refusalOf(options)).message).toMatch(/refuses wait.*allow the user \+wait/);
    const other = await start('+wait');
    await guardOf({ ...options, url: other.url });
  });

  it('may be part of the address, and its password may come from a function', async () => {
    const server = await start();
    const address = `redis://gate:${encodeURIComponent(SECRET)}@127.0.0.1:${server.port}`;
    const guard = await guardOf({ url: address });
    expect(await guard.remember([mark()])).toEqual(['fresh']);
    const passwords = ['wrong', SECRET];
    const password = async () => passwords[0] ?? '';
    expect((await refusalOf({ url: server.url, username: 'gate', password })).message).toContain(
      'WRONGPASS',
    );
    passwords.shift();
    await guardOf({ url: server.url, username: 'gate', password });
  });

  it('without permission causes an error with the command and the fix, and without the password', async () => {
    const { url } = await start();
    const wrong = { url, username: 'gate', password: `${SECRET}!` };
    expect(await refusalOf(wrong)).toMatchObject({ code: 'ERR_STORE_FAILED' });
    const foreign = { url, username: 'gate', password: SECRET, prefix: 'other:' };
    expect((await refusalOf(foreign)).message).toMatch(/NOPERM.*~other:\*/);
  });
});

describe('a unix socket', () => {
  it('is asked like a port, in each spelling, and counts as a server of its own', async () => {
    const path = join(folder, 'redis.sock');
    await startRedis('--unixsocket', path, '--unixsocketperm', '700', '--requirepass', SECRET);
    const guard = await guardOf({ url: `unix:${path}`, password: SECRET });
    const marks = [mark()];
    expect(await guard.remember(marks)).toEqual(['fresh']);
    const other = await guardOf({ url: `redis+unix://${path}`, password: SECRET });
    expect(await other.remember(marks)).toEqual(['replayed']);
    const apart = await guardOf({ url: `unix://${path}?db=1`, password: SECRET });
    expect(await apart.remember(marks)).toEqual(['fresh']);
    expect((await refusalOf({ url: `unix:${path}` })).message).toMatch(
      /NOAUTH.*; give the password that it asks for$/,
    );
  });

  it('that is not there is named in the message', async () => {
    const error = await refusalOf({ url: `unix:${join(folder, 'none.sock')}` });
    expect(error).toMatchObject({ code: 'ERR_STORE_FAILED' });
    expect(error.message).toMatch(/ENOENT/);
  });

  it.each([
    [{ url: 'unix:redis.sock' }, /^url: not the path of a socket; write unix:/],
    [{ url: 'unix:' }, /^url: not the path/],
    [{ url: 'unix://host/redis.sock' }, /^url: not the path/],
    [{ url: `unix:/${'x'.repeat(107)}` }, /^url: a path that is too long; use \d+ bytes/],
    [{ url: `unix:/redis.sock?password=${SECRET}` }, /^url: something other than \?db=NUMBER/],
    [{ url: 'unix:/redis.sock', tls: true }, /^tls: set for a unix socket/],
    [{ nodes: ['unix:/redis.sock'] }, /^nodes: a unix socket/],
    [{ sentinel: { name: 'm', nodes: ['unix:/redis.sock'] } }, /^sentinel\.nodes: a unix socket/],
  ] as const)('is refused as %o', async (options, message) => {
    expect((await refusalOf(options)).message).toMatch(message);
  });
});

describe('TLS', () => {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    execFileSync(fromDebian('openssl', 'openssl'), args, { cwd: folder, stdio: 'pipe' });
  const subject = ['-days', '2', '-nodes', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];

  it('is used with the server’s certificate checked and one of our own presented', async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      ...subject,
      ...names,
    );
    const plain = ['--tls-cert-file', path('cert.pem'), '--tls-key-file', path('key.pem')];
    const server = await startRedis(
      ...plain,
      '--tls-ca-cert-file',
      path('cert.pem'),
      '--tls-port',
      '0',
    );
    const port = await freePort();
    await server.command('CONFIG', 'SET', 'tls-port', `${port}`);
    const url = `rediss://127.0.0.1:${port}`;
    const [ca, key] = [readFileSync(path('cert.pem')), readFileSync(path('key.pem'))];
    const guard = await guardOf({ url, tls: { ca, cert: ca, key } });
    expect(await guard.remember([mark()])).toEqual(['fresh']);
    // Once without the authority, once without the certificate that this server demands.
    expect((await refusalOf({ url })).code).toBe('ERR_STORE_FAILED');
    expect((await refusalOf({ url, tls: { ca } })).code).toBe('ERR_STORE_FAILED');
  });
});

describe('a server that does not meet the requirements', () => {
  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'is refused if its maxmemory-policy is %s',
    async (policy) => {
      const { url } = await startRedis('--maxmemory-policy', policy);
      expect(await refusalOf({ url })).toMatchObject({
        code: 'ERR_STORE_FAILED',
        message: expect.stringMatching(
          `maxmemory-policy is ${policy}.*set maxmemory-policy noeviction`,
        ),
      });
    },
  );

  it('is refused on reconnection after its policy was changed, and accepted when it is corrected', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => problems.push(message);
    const guard = await guardOf({ url: server.url, retryAfterMs: 50, onProblem });
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await until(() =>
      guard.remember([mark()]).then(
        () => false,
        () => true,
      ),
    );
    expect(problems).toEqual([expect.stringContaining('maxmemory-policy')]);
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await until(() =>
      guard.remember([mark()]).then(
        ([answer]) => answer === 'fresh',
        () => false,
      ),
    );
  });

  it('is refused if it is a replica, has too few replicas, is silent or is down', async () => {
    const master = await startRedis();
    const replica = await startRedis('--replicaof', '127.0.0.1', `${master.port}`);
    expect((await refusalOf({ url: replica.url })).message).toMatch(/is a slave; name the master/);
    const few = await refusalOf({ url: master.url, minReplicas: 2 });
    expect(few.message).toMatch(/its min-replicas-to-write is 0; set it to 2/);
    replica.signal('SIGSTOP');
    const silent = await refusalOf({ url: replica.url, connectTimeoutMs: 200 });
    expect(silent).toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: expect.stringContaining('200 ms'),
    });
    await replica.kill();
    expect((await refusalOf({ url: replica.url })).message).toMatch(
      /ECONNREFUSED.*; check that the server runs, and its address, user and password$/,
    );
    expect((await refusalOf({ nodes: [master.url] })).code).toBe('ERR_STORE_FAILED');
  });
});

describe('an option that cannot be used', () => {
  const url = `redis://gate:${encodeURIComponent(SECRET)}@127.0.0.1:1`;
  it.each([
    ['url', {}],
    ['url', { url, nodes: [url] }],
    ['url', { url: `gate:${encodeURIComponent(SECRET)}@there` }],
    ['url', { url: `http://${encodeURIComponent(SECRET)}@there` }],
    ['url', { url: `${url}/zero` }],
    ['nodes', { nodes: [url, 'redis://127.0.0.1:1'] }],
    ['nodes', { nodes: [`${url}/1`] }],
    ['nodes', { nodes: [] }],
    ['sentinel.name', { sentinel: { name: '', nodes: [url] } }],
    ['tls', { url: 'rediss://127.0.0.1', tls: false }],
    ['prefix', { url, prefix: '{shop}' }],
    ['timeoutMs', { url, timeoutMs: 0 }],
    ['wait.replicas', { url, wait: {} as never }],
    ['wait.timeoutMs', { url, timeoutMs: 100, wait: { replicas: 1, timeoutMs: 51 } }],
    ['rejectStepsBefore', { url, rejectStepsBefore: 'sometimes' as never }],
    ['password', { url: 'redis://there', username: 'gate' }],
    ['onProblem', { url, onProblem: 'log' as never }],
    ['options.urls', { url, urls: [] } as never],
  ] satisfies [string, RedisGuardOptions][])(
    'is refused with an error that names it: %s (%#)',
    async (field, options) => {
      expect(await refusalOf(options)).toMatchObject({ code: 'ERR_OPTION', field });
    },
  );
});
