/**
 * Gateways that share Redis servers: they accept a token once, none while too few servers are up, and
 * recover by themselves.
 */
import { afterEach, expect, it } from 'vitest';
import { KEYS, temporaryFolder } from '../../unit/cli/binary.js';
import { begin, freshToken, verify } from '../../unit/cli/gateway-process.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const isPosix = process.platform !== 'win32';

const folder = temporaryFolder();
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
folder.file('password', 'correct-horse\n');

const running: Awaited<ReturnType<typeof begin>>[] = [];
afterEach(async () => {
  for (const { child, result } of running.splice(0)) {
    child.kill('SIGTERM');
    await result;
  }
});

it.runIf(isPosix)(
  'two gateways on one Redis accept a token once, reject all while it is down, and recover',
  async () => {
    const server = await startRedis(
      ...['--user', 'gate', 'on', '>correct-horse', '~tt:*', '+@all'],
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    );
    const guard = `kind = "redis"\ntimeoutMs = 20000\n[guard.redis]\nurl = "${server.url}"\nusername = "gate"\npasswordFile = "password"\n`;
    const config = folder.file(
      'gateway.toml',
      `listen = "127.0.0.1:0"\nkeys = "keys.json"\n[guard]\n${guard}`,
    );
    for (let i = 0; i < 2; i++) running.push(await begin(['--config', config]));
    const [a, b] = running.map(({ address }) => address) as [string, string];
    const statusOf = async (address: string, token: string) =>
      (await verify(address, token)).status;
    const readiness = async (address: string) => (await fetch(`${address}/readyz`)).status;

    const token = freshToken(1);
    const both = await Promise.all([statusOf(a, token), statusOf(b, token)]);
    expect(both.sort()).toEqual([200, 401]);
    expect(await readiness(a)).toBe(200);

    await server.command('CONFIG', 'SET', 'maxmemory', '100mb');
    const metrics = async () => (await fetch(`${a}/metrics`)).text();
    expect(await metrics()).toMatch(
      /totp_token_guard_bytes \d{6,}\n[\s\S]*totp_token_guard_max_bytes 104857600\n/,
    );
    // Readiness notices the loss without a login.
    await server.kill();
    await expect.poll(() => readiness(b)).toBe(503);
    // The last known state of the guard stays in the metrics.
    expect(await metrics()).toMatch(/totp_token_guard_max_bytes 104857600\n/);
    expect(await statusOf(a, freshToken(2))).toBe(503);
    expect(await readiness(a)).toBe(503);
    expect(running[0]?.output.stdout).not.toContain('correct-horse');
    await running[0]?.until('stdout', /"why":"[^"]*redis/);

    await server.restart();
    await expect.poll(() => readiness(a)).toBe(200);
    expect(await statusOf(a, freshToken(3))).toBe(200);
    expect(await statusOf(b, token)).toBe(401);
    expect(await metrics()).toMatch(/totp_token_guard_events_total{event="restart"} 1\n/);
    expect(await metrics()).toMatch(/totp_token_guard_events_total{event="left-alone"} [1-9]/);

    // The file with the new password is read for the next connection, and a reload succeeds.
    await server.command('ACL', 'SETUSER', 'gate', 'resetpass', '>battery-staple');
    folder.file('password', 'battery-staple\n');
    running[0]?.child.kill('SIGHUP');
    await running[0]?.until('stdout', /"msg":"reloaded"/);
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await expect.poll(() => statusOf(a, freshToken(4))).toBe(200);
    expect(running[0]?.output.stdout).not.toMatch(/correct-horse|battery-staple/);
  },
);

it.runIf(isPosix)('a gateway over a quorum of three Redis goes on while one is down', async () => {
  const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  const quorum = JSON.stringify(servers.map(({ url }) => url));
  const guard = `kind = "redis"\ntimeoutMs = 20000\nrejectStepsBefore = "none"\n[guard.redis]\nquorum = ${quorum}\n`;
  const config = folder.file(
    'quorum.toml',
    `listen = "127.0.0.1:0"\nkeys = "keys.json"\n[guard]\n${guard}`,
  );
  const gateway = await begin(['--config', config]);
  running.push(gateway);
  const { address } = gateway;
  const statusOf = async (token: string) => (await verify(address, token)).status;
  const metric = async () => (await fetch(`${address}/metrics`)).text();
  const token = freshToken(1);
  expect([await statusOf(token), await statusOf(token)]).toEqual([200, 401]);
  expect(await metric()).toMatch(/totp_token_guard_guards_away 0\n/);
  await servers[0]!.kill();
  expect(await statusOf(freshToken(2))).toBe(200);
  await expect.poll(metric).toMatch(/totp_token_guard_guards_away 1\n/);
  await servers[1]!.kill();
  expect(await statusOf(freshToken(3))).toBe(503);
  await servers[1]!.restart();
  await expect.poll(() => statusOf(freshToken(4))).toBe(200);
});
