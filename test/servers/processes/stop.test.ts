/**
 * A stop answers the requests under way in a bounded time, whatever state the gateway is in.
 * stop.slow.test.ts has more of it for several workers.
 */
import { describe, expect, it } from 'vitest';
import { launch, underWay } from './gateway.js';
import {
  AT_ONCE,
  body,
  config,
  LONG,
  stopsInTime,
  stopsUnderWay,
  stopsWithoutReader,
} from './stop-cases.js';

describe.runIf(process.platform !== 'win32')('a stop', () => {
  describe('with one process', () => {
    stopsWithoutReader(1);
    stopsUnderWay(1);
    stopsInTime(1);
  });

  describe('with two workers', () => stopsUnderWay(2));

  it('ends a worker that hangs', async () => {
    const gateway = launch([
      '--config',
      config('hung', '[limits]\ndrainMs = 100\n'),
      '--workers',
      '2',
    ]);
    await gateway.address();
    for (const worker of gateway.workers().slice(1)) process.kill(worker, 'SIGSTOP');
    gateway.kill('SIGTERM');
    expect(await gateway.result).toBe(0);
    await gateway.allGone();
  });

  it('follows the death of the leader: its workers answer requests under way, accept nothing and end', async () => {
    const gateway = launch(['--config', config('orphans', LONG), '--workers', '2']);
    const address = await gateway.address();
    const requests = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => underWay(address, body(i))),
    );
    gateway.kill('SIGKILL');
    expect(await gateway.result).toBe('SIGKILL');
    const answers = await Promise.all(requests.map((finish) => finish()));
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 503 Service Unavailable']));
    await gateway.allGone();
  });
});
