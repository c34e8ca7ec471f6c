/**
 * What a shard keeps, by time: windows and periods that differ or change, the last millisecond,
 * another format.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it as test } from 'vitest';
import type { GuardAnswer, ReplayMark } from '../../../../src/guards/guard.js';
import { ROOT } from '../../../../tools/lib/process.mjs';
import { notRun } from '../../../../tools/testbed/not-run.js';
import { firstThatExists, inPackage } from '../../../../tools/testbed/packages.js';
import { markOf } from '../marks.js';

const PROGRAM = join(ROOT, 'test', 'unit', 'guards', 'durable-object', 'shard-process.mjs');
const T0_MS = 1_800_000_000_000;
const ID = 'abcdefghij+/Az09';

interface Call {
  readonly nowMs: number;
  readonly marks: readonly ReplayMark[];
  readonly attempt: number;
  /** SQL that is carried out first. */
  readonly before?: string;
}
let attempts = 0;
const call = (nowMs: number, ...marks: ReplayMark[]): Call => ({
  nowMs,
  marks,
  attempt: ++attempts,
});

/** Node 24 has SQLite; the tests run on Node 20, too. */
const NODE = firstThatExists([
  process.env.TOTP_TOKEN_NODE_24,
  inPackage(`node-24-${process.platform}-${process.arch}`, 'bin', 'node'),
]);

async function answersOf(
  calls: readonly Call[],
): Promise<readonly (readonly GuardAnswer[] | string)[]> {
  const { stdout } = await promisify(execFile)(NODE ?? '', [
    '--disable-warning=ExperimentalWarning',
    PROGRAM,
    JSON.stringify(calls),
  ]);
  return JSON.parse(stdout);
}

const it = (name: string, body: () => Promise<void>) =>
  test(name, async () => {
    if (NODE === undefined) notRun('Node 24', 'npm run test:slow installs it on Linux and macOS');
    await body();
  });

describe('a shard', () => {
  for (const periodMs of [1000, 30_000, 86_400_000]) {
    it(`keeps a mark for the widest window, whichever window wrote it: periods of ${periodMs} ms`, async () => {
      const step = Math.floor(T0_MS / periodMs);
      const at = (steps: number) => Math.floor((step + steps) * periodMs);
      const narrow = markOf(ID, step, { periodMs });
      const wide = markOf(ID, step, { periodMs, past: 10 });
      const calls = [
        call(at(0.5), narrow),
        call(at(2), narrow),
        call(at(4.5), wide),
        call(at(10.999), wide),
      ];
      const expected = [['fresh'], ['stale'], ['replayed'], ['replayed']];
      expect(await answersOf(calls)).toEqual(expected);
    });
  }

  it('answers replayed to the last millisecond, and stale from then on', async () => {
    const step = Math.floor(T0_MS / 30_000);
    const mark = markOf(ID, step);
    const calls = [-1, 0].map((ms) => call(mark.expiresAtMs + ms, mark));
    const other = { ...mark, id: 'ABCDEFGHIJ+/Az09' };
    const others = [-1, 0].map((ms) => call(mark.expiresAtMs + ms, other));
    expect(await answersOf([call(step * 30_000, mark), ...calls])).toEqual([
      ['fresh'],
      ['replayed'],
      ['stale'],
    ]);
    expect(await answersOf(others)).toEqual([['fresh'], ['stale']]);
  });

  it('follows a period that changes, and changes back, at once', async () => {
    const periods = [30_000, 60_000, 1000, 30_000, 45_000, 3_600_000, 30_000];
    let nowMs = T0_MS;
    const calls: Call[] = [];
    const used: ReplayMark[] = [];
    for (const periodMs of periods) {
      // Longer than anything is kept with a period of half a minute, so that steps are dropped in
      // between.
      nowMs += 400_000;
      const mark = markOf(ID, Math.floor(nowMs / periodMs), { periodMs });
      used.push(mark);
      calls.push(call(nowMs, mark), call(nowMs, mark));
    }
    const answers = await answersOf([...calls, call(nowMs, ...used)]);
    expect(answers.slice(0, -1)).toEqual(periods.flatMap(() => [['fresh'], ['replayed']]));
    const last = used.map(({ expiresAtMs }) => (expiresAtMs > nowMs ? 'replayed' : 'stale'));
    expect(answers.at(-1)).toEqual(last);
  });

  it('whose clock jumps ahead and back accepts nothing that it has dropped, and serves the present', async () => {
    const at = (ms: number, id = ID) => markOf(id, Math.floor(ms / 30_000), { past: 10 });
    const yearLater = T0_MS + 365 * 86_400_000;
    const calls = [
      call(T0_MS, at(T0_MS)),
      call(yearLater, at(yearLater)),
      call(T0_MS + 1, at(T0_MS), at(T0_MS, 'ZZZZZZZZZZZZZZZZ')),
      call(T0_MS + 30_000, at(T0_MS + 30_000)),
    ];
    expect(await answersOf(calls)).toEqual([['fresh'], ['fresh'], ['stale', 'stale'], ['fresh']]);
  });

  it('answers fresh again to the same attempt, and once for a mark that stands twice', async () => {
    const mark = markOf(ID, Math.floor(T0_MS / 30_000));
    const again: Call = { nowMs: T0_MS, marks: [mark, mark], attempt: 77 };
    const answers = await answersOf([again, again, call(T0_MS, mark)]);
    expect(answers).toEqual([['fresh', 'replayed'], ['fresh', 'replayed'], ['replayed']]);
  });

  it('answers unavailable for a mark without an end, and for one that ends before its step is over', async () => {
    const mark = markOf(ID, Math.floor(T0_MS / 30_000));
    const { keepUntilMs: _, ...without } = mark;
    const marks = [without as ReplayMark, { ...mark, keepUntilMs: mark.expiresAtMs - 1 }];
    expect(await answersOf([call(T0_MS, ...marks)])).toEqual([['unavailable', 'unavailable']]);
  });

  it('of another version is refused with the fix', async () => {
    const before =
      'CREATE TABLE floor (only INTEGER PRIMARY KEY, step INTEGER); INSERT INTO floor VALUES (0, 5)';
    const calls = [{ ...call(T0_MS, markOf(ID, Math.floor(T0_MS / 30_000))), before }];
    expect(await answersOf(calls)).toEqual([
      expect.stringMatching(/another version.*another prefix/),
    ]);
  });
});
