/** What goes wrong with a server, and that nothing is accepted twice or without a record. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedisGuard, type RedisGuardOptions } from '../../../src/guards/redis/index.js';
import {
  createGuardedVerifier,
  type GuardAnswer,
  type GuardedVerifier,
} from '../../../src/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { markUntil } from '../../unit/guards/marks.js';
import { codesOf, HOSTS, tokensOf } from '../../unit/guards/tokens.js';
import { until } from '../../unit/guards/until.js';
import { HASTY, PATIENT } from './patience.js';
import { proxyTo, startRedis, startReplica } from './servers.js';

const PERIOD_MS = 30_000;
/** A token is good for five minutes, in which the slowest machine has carried out a test. */
const WINDOW = { past: 10, future: 1 };
const LIFETIME_MS = (WINDOW.past + WINDOW.future + 1) * PERIOD_MS;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A verifier as another process would have it: with a guard and connections of its own. */
async function verifierOn(url: string, options: RedisGuardOptions = {}, clock = Date.now) {
  const errors: unknown[] = [];
  const problems: string[] = [];
  const guard = await createRedisGuard({
    url,
    ...PATIENT,
    lifetimeMs: LIFETIME_MS,
    retryAfterMs: 200,
    onProblem: ({ message }) => problems.push(message),
    ...options,
  });
  const onGuardError = (error: unknown) => errors.push(error);
  const verifier = await createGuardedVerifier({
    hosts: HOSTS,
    guard,
    clock,
    window: WINDOW,
    guardTimeoutMs: 60_000,
    onGuardError,
  });
  ends.push(
    () => guard.close(),
    () => verifier.dispose(),
  );
  return { verifier, guard, errors, problems };
}

/** Asks with new tokens until one is accepted. */
const recovers = (verifier: GuardedVerifier) =>
  until(async () => (await codesOf(verifier, await tokensOf(1)))[0] === 'accepted');

/**
 * What becomes of tokens that are shown again as long as the guard is unavailable, which each is
 * the same attempt: a guard may meet with a broken connection, and one in haste with a slow
 * machine.
 */
async function settledCodesOf(
  verifier: GuardedVerifier,
  tokens: readonly string[],
): Promise<string[]> {
  const codes = await codesOf(verifier, tokens);
  await until(async () => {
    const open = tokens.flatMap((_, i) => (codes[i] === 'guard-unavailable' ? [i] : []));
    if (open.length === 0) return true;
    const again = await codesOf(
      verifier,
      open.map((i) => tokens[i]!),
    );
    for (const [j, i] of open.entries()) codes[i] = again[j]!;
    return !codes.includes('guard-unavailable');
  });
  return codes;
}

/** How many marks it holds. */
const keys = async (server: RedisProcess) =>
  ((await server.command('KEYS', 'tt:[0-9]*')) as string[]).length;

describe('a server with a fault', () => {
  let server: RedisProcess;
  beforeEach(async () => {
    // Each write is on the disk before it is answered.
    server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  });

  it('is unavailable while it is stopped, accepts no token twice, and recovers once started', async () => {
    const { verifier, errors } = await verifierOn(server.url, HASTY);
    const other = await verifierOn(server.url, HASTY);
    const [before, during] = [await tokensOf(3), await tokensOf(3)];
    expect(await settledCodesOf(verifier, before)).toEqual(['accepted', 'accepted', 'accepted']);
    errors.length = 0;
    await server.kill('SIGKILL');
    for (let i = 0; i < 3; i++) {
      expect(await codesOf(verifier, during)).toEqual(Array(3).fill('guard-unavailable'));
    }
    expect(errors[0]).toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: expect.stringMatching(/^redis: /),
    });
    await server.restart();
    await recovers(verifier);
    await recovers(other.verifier);
    expect(await settledCodesOf(other.verifier, before)).toEqual([
      'replayed',
      'replayed',
      'replayed',
    ]);
    expect(await settledCodesOf(verifier, during)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await settledCodesOf(other.verifier, during)).toEqual([
      'replayed',
      'replayed',
      'replayed',
    ]);
  });

  it('is unavailable while paused, and accepts a token that was written meanwhile once', async () => {
    const { verifier } = await verifierOn(server.url, HASTY);
    const other = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    server.signal('SIGSTOP');
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    // Known to be down by now, so this one does not wait.
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    server.signal('SIGCONT');
    await recovers(verifier);
    await recovers(other.verifier);
    // The first attempt was carried out when the server woke up, and is this verifier's.
    expect(await settledCodesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(other.verifier, tokens)).toEqual(['replayed', 'replayed']);
    expect(await settledCodesOf(verifier, tokens)).toEqual(['replayed', 'replayed']);
  });

  it('is unavailable without memory, evicts nothing, and recovers when there is room', async () => {
    const { verifier, errors } = await verifierOn(server.url);
    const before = await tokensOf(2);
    expect(await codesOf(verifier, before)).toEqual(['accepted', 'accepted']);
    const count = await keys(server);
    await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
    const tokens = await tokensOf(2);
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('OOM') });
    expect(await keys(server)).toBe(count);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await codesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(verifier, before)).toEqual(['replayed', 'replayed']);
  });

  it('is unavailable in time when it answers late, and a retry is the same attempt', async () => {
    const proxy = await proxyTo(server);
    const { verifier } = await verifierOn(proxy.url, HASTY);
    const direct = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    proxy.holdsReplies = true;
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    // They reach the server, however late.
    await until(async () => (await keys(server)) >= 2);
    // For everybody else they are used, and stay so.
    expect(await codesOf(direct.verifier, tokens.slice(1))).toEqual(['replayed']);
    proxy.release();
    await recovers(verifier);
    expect(await settledCodesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(direct.verifier, tokens)).toEqual(['replayed', 'replayed']);
  });

  it('that loses an answer and the connection is asked again within the call, and finds its own mark', async () => {
    const proxy = await proxyTo(server);
    const { verifier } = await verifierOn(proxy.url);
    const direct = await verifierOn(server.url);
    const tokens = await tokensOf(3);
    const before = await keys(server);
    proxy.losesReplies = true;
    const codes = codesOf(verifier, tokens);
    // Written, and nobody knows.
    await until(async () => (await keys(server)) >= before + 3);
    proxy.losesReplies = false;
    proxy.cut();
    expect(await codes).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await codesOf(direct.verifier, tokens)).toEqual(['replayed', 'replayed', 'replayed']);
  });

  it('that lost an answer accepts one of fifty retries at once', async () => {
    const proxy = await proxyTo(server);
    const { verifier, guard } = await verifierOn(proxy.url, HASTY);
    const mark = markUntil('abcdefghijkl+/Az', 58_900_000, Date.now() + 600_000);
    proxy.losesReplies = true;
    await expect(guard.remember([mark])).rejects.toMatchObject({ code: 'ERR_STORE_FAILED' });
    proxy.losesReplies = false;
    proxy.cut();
    await recovers(verifier);
    const answers: GuardAnswer[] = [];
    const retry = () =>
      until(async () => {
        const answer = await guard.remember([mark]).catch(() => []);
        answers.push(...answer);
        return answer.length > 0;
      });
    await Promise.all(Array.from({ length: 50 }, retry));
    expect(answers.sort()).toEqual(['fresh', ...Array(49).fill('replayed')]);
  });

  it('whose clock differs from the verifier’s decides which steps are over', async () => {
    const slow = () => Date.now() - 900_000;
    const { verifier, problems } = await verifierOn(server.url, {}, slow);
    // Tokens of a quarter of an hour ago, which a verifier with a right clock may have taken, and
    // the server has forgotten.
    expect(await codesOf(verifier, await tokensOf(2, slow))).toEqual(['stale', 'stale']);
    expect(problems).toEqual([expect.stringMatching(/were over \d+ s ago by the server's clock/)]);

    // Ahead of time they are kept until they are over for everyone.
    const fast = () => Date.now() + 900_000;
    const ahead = await verifierOn(server.url, { prefix: 'fast:' }, fast);
    expect(await codesOf(ahead.verifier, await tokensOf(1, fast))).toEqual(['accepted']);
    const [key] = (await server.command('KEYS', 'fast:5*')) as string[];
    expect(Number(await server.command('PTTL', `${key}`))).toBeGreaterThan(900_000);
  });
});

it('the state of a guard is the memory of its server, or an answer in time that there is none', async () => {
  const server = await startRedis();
  const { guard } = await verifierOn(server.url);
  const unlimited = await guard.state();
  expect([unlimited.bytes! > 100_000, unlimited.maxBytes]).toEqual([true, undefined]);
  await server.command('CONFIG', 'SET', 'maxmemory', '100mb');
  expect((await guard.state()).maxBytes).toBe(100 * 1024 * 1024);
  const hasty = await verifierOn(server.url, HASTY);
  server.signal('SIGSTOP');
  await expect(hasty.guard.state()).rejects.toThrow(/no reply within/);
  server.signal('SIGCONT');
});

describe('a server that saves nothing', () => {
  it('makes tokens of before its restart stale, although it has forgotten them', async () => {
    const server = await startRedis();
    const { verifier, problems } = await verifierOn(server.url);
    const other = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    expect(await codesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    const beforeMs = Date.now();
    const moreTokens = (count: number) => tokensOf(count, () => beforeMs);
    await server.kill();
    await server.restart();
    // Each finds its connection broken, and looks who answers now.
    expect(await settledCodesOf(other.verifier, tokens)).toEqual(['stale', 'stale']);
    expect(await settledCodesOf(verifier, await moreTokens(1))).toEqual(['stale']);
    expect(problems).toEqual([expect.stringContaining('was restarted')]);
    for (const rejectStepsBefore of ['start', 'opening'] as const) {
      const late = await verifierOn(server.url, { rejectStepsBefore });
      expect(await codesOf(late.verifier, await moreTokens(1))).toEqual(['stale']);
    }
    const none = await verifierOn(server.url, { rejectStepsBefore: 'none' });
    expect(await codesOf(none.verifier, await tokensOf(1))).toEqual(['accepted']);
  });
});

describe('replicas', () => {
  it('make the guard unavailable while they are missing, and the same attempt succeeds when they are back', async () => {
    const master = await startRedis();
    const replica = await startReplica(master);
    const { verifier, errors } = await verifierOn(master.url, {
      wait: { replicas: 1, timeoutMs: 50 },
    });
    const other = await verifierOn(master.url);
    expect(await settledCodesOf(verifier, await tokensOf(1))).toEqual(['accepted']);
    const tokens = await tokensOf(2);
    replica.signal('SIGSTOP');
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    expect(errors.at(-1)).toMatchObject({
      message: expect.stringContaining('0 of 1 replicas acknowledged'),
    });
    replica.signal('SIGCONT');
    await recovers(verifier);
    expect(await settledCodesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(other.verifier, tokens)).toEqual(['replayed', 'replayed']);
  });

  it('that the server demands make the guard unavailable by NOREPLICAS', async () => {
    const server = await startRedis('--min-replicas-to-write', '1');
    const { verifier, errors } = await verifierOn(server.url, { minReplicas: 1 });
    expect(await codesOf(verifier, await tokensOf(1))).toEqual(['guard-unavailable']);
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('NOREPLICAS') });
  });
});
