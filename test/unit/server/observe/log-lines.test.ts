/** The log cannot be flooded by what clients do, and never makes a process wait. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Observer } from '../../../../src/gateway/contract.js';
import { boundedOutput, openLogOutput } from '../../../../src/server/observe/log.js';
import type { Metrics } from '../../../../src/server/observe/metrics.js';
import { LogAndMetrics } from '../../../../src/server/observe/observer.js';
import { temporaryFolder } from '../../cli/binary.js';

const SETTINGS = { level: 'info', accepted: true, rejected: true, linesPerSecond: 5 } as const;

const CAUSES: readonly (readonly [string, (observer: Observer) => void])[] = [
  [
    'accepted tokens',
    (o) =>
      o.verified({
        protocol: 'verify',
        verdict: { ok: true, code: 'accepted', step: 1, drift: 0, keyIndex: 0 },
        jid: 'a@b',
        seconds: 0,
      } as never),
  ],
  [
    'rejected tokens',
    (o) =>
      o.verified({
        protocol: 'verify',
        verdict: { ok: false, code: 'replayed' },
        jid: 'a@b',
        seconds: 0,
      } as never),
  ],
  ['events, such as empty batches', (o) => o.event('batch', { lines: 0 })],
  ['faults', (o) => o.fault('verify', new TypeError('x'))],
];

describe('log.linesPerSecond', () => {
  beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterAll(() => void vi.useRealTimers());

  const PROXIES = { trusted: [], header: 'x-forwarded-for' } as const;
  const observed = () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino(
      { base: null },
      { write: (line: string) => void lines.push(JSON.parse(line)) },
    );
    const counted = { verified: 0, event: 0 };
    const metrics = {
      verified: () => counted.verified++,
      event: () => counted.event++,
    } as unknown as Metrics;
    return { lines, counted, observer: new LogAndMetrics(log, metrics, SETTINGS, PROXIES) };
  };

  it.each(CAUSES)('bounds the lines a second of %s, and counts the others', (_what, cause) => {
    const { lines, observer, counted } = observed();
    for (let i = 0; i < 1000; i++) cause(observer);
    expect(lines).toHaveLength(SETTINGS.linesPerSecond);
    // All of them are counted.
    expect(counted.verified + counted.event).toBe(1000);
    vi.advanceTimersByTime(1000);
    cause(observer);
    expect(lines.at(-1)).toMatchObject({ unlogged: 1000 - SETTINGS.linesPerSecond });
  });

  it('bounds the lines a second of all causes together', () => {
    const { lines, observer } = observed();
    for (let i = 0; i < 100; i++) for (const [, cause] of CAUSES) cause(observer);
    expect(lines).toHaveLength(SETTINGS.linesPerSecond);
  });
});

describe('lines for a reader that is slow', () => {
  const folder = temporaryFolder();

  it.runIf(process.platform !== 'win32')(
    'are written at the end as far as there is room, without waiting for the reader',
    async () => {
      const path = join(folder.path, 'pipe');
      execFileSync('mkfifo', [path]);
      const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      const output = await openLogOutput(fd);
      output.write('first\n');
      // Far more than a pipe takes, of which nobody reads.
      for (let i = 0; i < 300; i++) output.write(`${'x'.repeat(4095)}\n`);
      await output.end(50);
      // Whoever writes after that has come too late, and is not harmed.
      output.write('late\n');
      const buffer = Buffer.alloc(64 * 1024);
      readSync(fd, buffer);
      expect(buffer.toString('latin1', 0, 6)).toBe('first\n');
      // The descriptor stays open: what is left may still be written, and must not meet another
      // file.
    },
  );

  it('are all written at the end where there is room', async () => {
    const path = join(folder.path, 'file');
    const fd = openSync(path, 'w+');
    const output = await openLogOutput(fd);
    for (let i = 0; i < 10; i++) output.write(`line ${i}\n`);
    await output.end(60_000);
    const again = openSync(path, 'r');
    const buffer = Buffer.alloc(100);
    expect(buffer.toString('utf8', 0, readSync(again, buffer))).toMatch(
      /^line 0\n[\s\S]*line 9\n$/,
    );
    closeSync(again);
  });

  it('are dropped above 16 MiB, not kept in memory', () => {
    const stream = new Writable({ write() {} });
    const output = boundedOutput(stream);
    for (let i = 0; i < 40; i++) output.write('x'.repeat(1024 * 1024));
    expect(stream.writableLength).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});
