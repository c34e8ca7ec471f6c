/** How long a server keeps a mark with windows and periods that differ or change. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createRedisGuard,
  type RedisGuard,
  type RedisGuardOptions,
} from '../../../src/guards/redis/index.js';
import type { RedisProcess } from '../../../tools/testbed/redis-process.js';
import { expectChangedDigits } from '../../unit/guards/changed-digits.js';
import { markOf } from '../../unit/guards/marks.js';
import { startRedis, stopServers } from './servers.js';

stopServers();

const MARGIN_MS = 10_000;
let server: RedisProcess;
beforeAll(async () => {
  server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
});
const guards: RedisGuard[] = [];
afterEach(async () => {
  for (const guard of guards.splice(0)) await guard.close();
});
async function guardOn(options: RedisGuardOptions = {}): Promise<RedisGuard> {
  const guard = await createRedisGuard({
    url: server.url,
    timeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    ...options,
  });
  guards.push(guard);
  return guard;
}
let count = 0;
const id = () => `abcdefghij${String(++count).padStart(6, '0')}`;

describe('a mark is kept until no allowed window reaches its step', () => {
  it.each([
    [{ past: 0, future: 0 }, 30_000],
    [{ past: 1, future: 1 }, 30_000],
    [{ past: 10, future: 10 }, 30_000],
    [{ past: 1, future: 1 }, 60_000],
    [{ past: 0, future: 0 }, 86_400_000],
  ])(
    'if the window %j with a period of %i ms wrote it, however often it is asked about',
    async (window, periodMs) => {
      const step = Math.floor(Date.now() / periodMs) + (window.past === 0 ? 1 : 0);
      const [mark, wide] = [window, { past: 10, future: 10 }].map((each) =>
        markOf('', step, { periodMs, ...each }),
      );
      const name = id();
      const end = async () => Number(await server.command('PEXPIRETIME', `tt:${step}:${name}`));
      const kept = (step + 11) * periodMs + MARGIN_MS;
      const [guard, other] = [await guardOn(), await guardOn()];
      expect(await guard.remember([{ ...mark!, id: name }])).toEqual(['fresh']);
      expect(await end()).toBe(kept);
      expect(await other.remember([{ ...wide!, id: name }])).toEqual(['replayed']);
      expect(await guard.remember([{ ...mark!, id: name }])).toEqual(['replayed']);
      expect(await end()).toBe(kept);
    },
  );
});

it('a mark that was stale for a narrow window is replayed for a wide one', async () => {
  const guard = await guardOn();
  // Four steps ago: over for a window of one past step, and valid for one of ten.
  const step = Math.floor(Date.now() / 60_000) - 4;
  const name = id();
  const of = (past: number) => markOf(name, step, { periodMs: 60_000, past });
  expect(await guard.remember([of(1)])).toEqual(['stale']);
  // A refused mark is used up, too: it may have been in time when it was written.
  expect(await guard.remember([of(10)])).toEqual(['replayed']);
});

it('digits that change between restarts, and back, let no token be accepted twice', async () => {
  await expectChangedDigits(() => guardOn({ prefix: 'digits:' }));
});

it('a guard accepts marks at once after its period has changed, and forgets none of before', async () => {
  const guard = await guardOn();
  const used = [];
  for (const periodMs of [30_000, 60_000, 30_000, 20_000, 86_400_000, 45_000]) {
    const mark = markOf(id(), Math.floor(Date.now() / periodMs), { periodMs });
    expect(await guard.remember([mark])).toEqual(['fresh']);
    used.push(mark);
  }
  expect(await guard.remember(used)).toEqual(used.map(() => 'replayed'));
});
