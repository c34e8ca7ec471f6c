/**
 * Attempts whose connection breaks or opens late: each loss is one failure, and nothing is accepted
 * twice.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayMark } from '../../../src/guards/guard.js';
import {
  createRedisGuard,
  type RedisGuard,
  type RedisGuardOptions,
} from '../../../src/guards/redis/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { markUntil } from '../../unit/guards/marks.js';
import { until } from '../../unit/guards/until.js';
import { proxyTo, startRedis, stopServers } from './servers.js';

stopServers();

/** Longer than any slow machine takes for an answer that must come at once. */
const LONG_MS = 30_000;
let server: RedisProcess;
beforeAll(async () => {
  server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
});

const guards: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
});
async function guardOn(url: string, options: RedisGuardOptions = {}): Promise<RedisGuard> {
  const guard = await createRedisGuard({
    url,
    timeoutMs: LONG_MS,
    connectTimeoutMs: LONG_MS,
    retryAfterMs: 1,
    ...options,
  });
  guards.push(guard);
  return guard;
}

let count = 0;
const mark = () =>
  markUntil(`abcdefghij${String(++count).padStart(6, '0')}`, 58_900_000, Date.now() + 600_000);
const isWritten = async ({ id, step }: ReplayMark) =>
  (await server.command('EXISTS', `tt:${step}:${id}`)) === 1;

describe('a connection that is cut', () => {
  it.each([1, 2, 3, 6, 20])(
    'with %i requests under way counts as one failure, and each request is answered',
    async (pieces) => {
      const relay = await proxyTo(server);
      const guard = await guardOn(relay.url, { retryAfterMs: LONG_MS });
      const marks = Array.from({ length: pieces }, mark);
      relay.hold();
      const asked = [];
      for (const each of marks) {
        asked.push(guard.remember([each]));
        // Marks that are asked about in different turns are sent as different requests.
        await setImmediate();
        await setImmediate();
      }
      await until(async () => (await Promise.all(marks.map(isWritten))).every((is) => is));
      relay.cut();
      relay.release();
      expect((await Promise.all(asked)).flat()).toEqual(marks.map(() => 'fresh'));
      const other = await guardOn(server.url);
      expect(new Set(await other.remember(marks))).toEqual(new Set(['replayed']));
    },
  );

  const ends = [
    ...[0, 1, 2, 3, 4, 5, 6, 9, 14, 20, 27, 33, 38, 45, 60, 200, 900].map(
      (bytes) => ['replies', bytes] as const,
    ),
    ...[0, 1, 4, 13, 30, 50, 70, 90, 100, 110, 120].map((bytes) => ['commands', bytes] as const),
  ];
  it.each(ends)('in the %s after %i bytes has each mark accepted once', async (way, bytes) => {
    const relay = await proxyTo(server);
    const [guard, other] = [await guardOn(relay.url), await guardOn(server.url)];
    const asked = mark();
    relay.cutAfter(bytes, way);
    const answers = await Promise.all([guard.remember([asked]), other.remember([asked])]);
    expect(answers.flat().filter((answer) => answer === 'fresh')).toHaveLength(1);
    const alone = mark();
    relay.cutAfter(bytes, way);
    expect(await guard.remember([alone])).toEqual(['fresh']);
    expect(await other.remember([alone])).toEqual(['replayed']);
    expect(await guard.remember([alone])).toEqual(['replayed']);
  });
});

describe('a mark whose caller has given up', () => {
  it('before its connection was open is never sent, and stays fresh for a later attempt', async () => {
    const relay = await proxyTo(server);
    const guard = await guardOn(relay.url, { timeoutMs: 300 });
    relay.hold();
    relay.cut();
    const [first, second] = [mark(), mark()];
    // The first mark meets the broken connection, the second the one that is being opened.
    await expect(guard.remember([first])).rejects.toMatchObject({ code: 'ERR_STORE_FAILED' });
    await expect(guard.remember([second])).rejects.toMatchObject({ code: 'ERR_STORE_FAILED' });
    relay.release();
    await until(() =>
      guard.remember([mark()]).then(
        ([answer]) => answer === 'fresh',
        () => false,
      ),
    );
    expect(await isWritten(second)).toBe(false);
    await until(() =>
      guard.remember([second]).then(
        ([answer]) => {
          expect(answer).toBe('fresh');
          return true;
        },
        () => false,
      ),
    );
    const other = await guardOn(server.url);
    expect(await other.remember([second])).toEqual(['replayed']);
  });
});
