/** Faults of a server, during which nothing is accepted twice or without a record. */
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
import { proxyTo, startRedis, startReplica, stopServers } from './servers.js';

stopServers();

const PERIOD_MS = 30_000;
/** Tokens stay valid for five minutes, which is longer than a test takes on any machine. */
const WINDOW = { past: 10, future: 1 };
const LIFETIME_MS = (WINDOW.past + WINDOW.future + 1) * PERIOD_MS;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A verifier with its own guard and connections, as another process would have. */
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
 * The codes of tokens that are shown again while the guard is unavailable. Each repetition is the
 * same attempt. A guard may meet a broken connection, and one with short timeouts a slow
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

/** The number of marks that a server holds. */
const keys = async (server: RedisProcess) =>
  ((await server.command('KEYS', 'tt:[0-9]*')) as string[]).length;

describe('a server with a fault', () => {
  let server: RedisProcess;
  beforeEach(async () => {
    // The server syncs each write before it answers.
    server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  });

  it('is unavailable while it is down, accepts no token twice, and recovers after its restart', async () => {
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

  it('is unavailable while it is paused, and afterwards accepts once a token that came meanwhile', async () => {
    const { verifier } = await verifierOn(server.url, HASTY);
    const other = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    server.signal('SIGSTOP');
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    // The guard knows that the server is down, so this call does not wait.
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    server.signal('SIGCONT');
    await recovers(verifier);
    await recovers(other.verifier);
    // The server carried out the first attempt, which is this verifier's, when it woke up.
    expect(await settledCodesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(other.verifier, tokens)).toEqual(['replayed', 'replayed']);
    expect(await settledCodesOf(verifier, tokens)).toEqual(['replayed', 'replayed']);
  });

  it('is unavailable while its memory is full, evicts nothing, and recovers when there is room', async () => {
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

  it('is unavailable if it answers late, and accepts a retry as the same attempt', async () => {
    const proxy = await proxyTo(server);
    const { verifier } = await verifierOn(proxy.url, HASTY);
    const direct = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    proxy.holdsReplies = true;
    expect(await codesOf(verifier, tokens)).toEqual(['guard-unavailable', 'guard-unavailable']);
    // The marks reach the server all the same.
    await until(async () => (await keys(server)) >= 2);
    // For other verifiers the tokens are used, now and later.
    expect(await codesOf(direct.verifier, tokens.slice(1))).toEqual(['replayed']);
    proxy.release();
    await recovers(verifier);
    expect(await settledCodesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    expect(await codesOf(direct.verifier, tokens)).toEqual(['replayed', 'replayed']);
  });

  it('that loses an answer with its connection is asked again by the same call, which is accepted', async () => {
    const proxy = await proxyTo(server);
    const { verifier } = await verifierOn(proxy.url);
    const direct = await verifierOn(server.url);
    const tokens = await tokensOf(3);
    const before = await keys(server);
    proxy.losesReplies = true;
    const codes = codesOf(verifier, tokens);
    // The marks are written, and their answers lost.
    await until(async () => (await keys(server)) >= before + 3);
    proxy.losesReplies = false;
    proxy.cut();
    expect(await codes).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await codesOf(direct.verifier, tokens)).toEqual(['replayed', 'replayed', 'replayed']);
  });

  it('that has lost an answer accepts one of fifty retries that come at once', async () => {
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

  it('makes tokens stale whose steps are over by its own clock', async () => {
    const slow = () => Date.now() - 900_000;
    const { verifier, problems } = await verifierOn(server.url, {}, slow);
    // Tokens of a quarter of an hour ago: a verifier with a correct clock may have accepted them,
    // and the server may have forgotten them.
    expect(await codesOf(verifier, await tokensOf(2, slow))).toEqual(['stale', 'stale']);
    expect(problems).toEqual([expect.stringMatching(/ended \d+ s ago by the server's clock/)]);

    // Tokens from the future are kept until their steps are over by either clock.
    const fast = () => Date.now() + 900_000;
    const ahead = await verifierOn(server.url, { prefix: 'fast:' }, fast);
    expect(await codesOf(ahead.verifier, await tokensOf(1, fast))).toEqual(['accepted']);
    const [key] = (await server.command('KEYS', 'fast:5*')) as string[];
    expect(Number(await server.command('PTTL', `${key}`))).toBeGreaterThan(900_000);
  });
});

it('reports the memory of the server as the state of a guard, and an error if it does not answer', async () => {
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
  it('makes tokens stale that are older than its restart', async () => {
    const server = await startRedis();
    const { verifier, problems } = await verifierOn(server.url);
    const other = await verifierOn(server.url);
    const tokens = await tokensOf(2);
    expect(await codesOf(verifier, tokens)).toEqual(['accepted', 'accepted']);
    const beforeMs = Date.now();
    const moreTokens = (count: number) => tokensOf(count, () => beforeMs);
    await server.kill();
    await server.restart();
    // Each guard finds its connection broken and checks the server that answers now.
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
  it('make the guard unavailable while they are missing, and let the same attempt succeed later', async () => {
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
