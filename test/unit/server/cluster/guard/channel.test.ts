/**
 * The channel between a worker and the leader that holds its guard: whatever happens to it, no mark
 * is fresh twice, and each call is answered.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { guardConformance } from '../../../../../src/guards/conformance.js';
import { createLmdbGuard } from '../../../../../src/guards/lmdb/index.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../../../../src/index.js';
import {
  answerWorker,
  GuardStore,
  type MarkStore,
} from '../../../../../src/server/cluster/guard/answerer.js';
import { LeaderGuard } from '../../../../../src/server/cluster/guard/asker.js';
import { FrameWriter, KIND } from '../../../../../src/server/cluster/guard/frames.js';
import { GuardTable } from '../../../../../src/server/cluster/guard/table.js';
import { storeFolder } from '../../../guards/lmdb/folder.js';
import { MapStore } from '../../../guards/map-guard.js';
import { markOf, PERIOD_MS } from '../../../guards/marks.js';
import { socketPair } from './socket-pair.js';

/** The step of all marks of a test: the clock may reach another one within the test. */
let step = 0;
beforeEach(() => {
  step = Math.floor(Date.now() / PERIOD_MS) + 1;
});
/** A mark that is good for minutes, which is longer than a test takes on any machine. */
const mark = (number: number): ReplayMark =>
  markOf(`channel${String(number).padStart(9, '0')}`, step, { past: 9 });
const marks = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => mark(first + i));
const fill = (count: number, answer: GuardAnswer) => Array(count).fill(answer);

/** A worker's guard on a store, and what became of the channel. */
async function joined(store: MarkStore, timeoutMs = 60_000) {
  const [leader, worker] = await socketPair();
  const seen = { garbled: 0, lost: 0 };
  answerWorker(leader, store, () => seen.garbled++);
  const guard = new LeaderGuard(worker, { timeoutMs, onLost: () => seen.lost++ });
  return { guard, leader, worker, seen };
}

/** The bytes of a question. */
function question(asked: readonly ReplayMark[], number = 1): Buffer {
  const writer = new FrameWriter();
  writer.begin(KIND.remember, number);
  writer.addMarks(asked);
  return writer.take();
}

/** The bytes of an answer. */
function answer(answers: readonly number[], number = 1): Buffer {
  const writer = new FrameWriter();
  writer.begin(KIND.answers, number);
  writer.addAnswers(Uint8Array.from(answers));
  return writer.take();
}

/** A leader of its own, that reads and says nothing by itself. */
async function silentLeader(timeoutMs = 60_000) {
  const [leader, worker] = await socketPair();
  const seen = { lost: 0 };
  const guard = new LeaderGuard(worker, { timeoutMs, onLost: () => seen.lost++ });
  return { guard, leader, worker, seen };
}

const tableOf = (clock = Date.now) =>
  GuardTable.open(
    {
      capacity: 100_000,
      window: { past: 10, future: 10 },
      rejectStepsBefore: 'none',
      clock,
    },
    30,
  );

describe('the guard that the leader holds in memory, as every guard', async () => {
  const table = await tableOf();
  const withClock = async () => {
    let aheadMs = 0;
    const clocked = await tableOf(() => Date.now() + aheadMs);
    return {
      open: async () => (await joined(clocked)).guard,
      moveClock: (byMs: number) => {
        aheadMs += byMs;
      },
    };
  };
  const open = async () => (await joined(table)).guard;
  for (const { name, run } of guardConformance(open, { withClock })) it(name, run);
});

describe('the LMDB guard that the leader holds, as every guard', async () => {
  const store = new GuardStore(await createLmdbGuard({ path: storeFolder() }));
  for (const { name, run } of guardConformance(async () => (await joined(store)).guard)) {
    it(name, run);
  }
});

describe('a question', () => {
  it('holds the marks of all calls of one turn', async () => {
    const store = new MapStore();
    const { guard } = await joined(new GuardStore(store.open()));
    const calls = [marks(3), marks(1, 3), marks(2, 4), marks(1)];
    const answers = await Promise.all(calls.map((each) => guard.remember(each)));
    expect(store.calls.map(({ length }) => length)).toEqual([7]);
    expect(answers.map((each) => each.join())).toEqual([
      'fresh,fresh,fresh',
      'fresh',
      'fresh,fresh',
      'replayed',
    ]);
  });

  it('that is cut anywhere is put together again', async () => {
    const table = await tableOf();
    const asked = question(marks(3));
    const whole = answer([0, 0, 0]);
    const again = answer([1, 1, 1]);
    for (let at = 1; at < asked.length; at++) {
      const [leader, worker] = await socketPair();
      answerWorker(leader, table, () => expect.unreachable());
      worker.write(asked.subarray(0, at));
      await once(leader, 'data');
      worker.write(asked.subarray(at));
      expect(await bytesOf(worker, whole.length)).toEqual(at === 1 ? whole : again);
    }
  });

  it.each([
    '',
    'AAAAAAAAAAAAAAA',
    'AAAAAAAAAAAAAAAAA',
    'AAAAAAAA-AAAAAAA',
    'AAAAAAAAAAAAAA==',
    'AAAAAAAAAAAAAAAé',
    'AAAAAAA\u{1f600}AAAAAAA',
  ])(
    'with a mark of the id %j, which is not 96 bits in base64, has that one unavailable',
    async (id) => {
      const { guard } = await joined(await tableOf());
      const [good, other] = marks(2) as [ReplayMark, ReplayMark];
      expect(await guard.remember([good, { ...other, id }])).toEqual(['fresh', 'unavailable']);
      expect(await guard.remember([good, other])).toEqual(['replayed', 'fresh']);
    },
  );

  it('of a worker that dies within it leaves no mark, at whichever byte', async () => {
    const asked = Buffer.concat([question(marks(1)), question(marks(2, 1), 2)]);
    const first = question(marks(1)).length;
    for (let at = 0; at <= asked.length; at++) {
      const store = new GuardStore(new MapStore().open());
      const [leader, worker] = await socketPair();
      let garbled = 0;
      answerWorker(leader, store, () => garbled++);
      worker.end(asked.subarray(0, at));
      await once(leader, 'close');
      const { guard } = await joined(store);
      const whole = at === asked.length ? 3 : at >= first ? 1 : 0;
      const answers = [...fill(whole, 'replayed'), ...fill(3 - whole, 'fresh')];
      expect(await guard.remember(marks(3))).toEqual(answers);
      expect(garbled).toBe([0, first, asked.length].includes(at) ? 0 : 1);
    }
  });

  it.each([0, 1, 2, 3, 8, 9, 10, 11])(
    'with a wrong byte %i in its head ends the channel, and leaves no mark',
    async (at) => {
      const table = await tableOf();
      const { guard, leader, worker, seen } = await joined(table);
      const wrong = question(marks(1));
      wrong[at] = wrong[at]! ^ 0x80;
      const closed = once(leader, 'close');
      worker.write(wrong);
      await closed;
      expect(seen.garbled).toBe(1);
      await expect(guard.remember(marks(1))).rejects.toThrow(/leading process/);
      const other = await joined(table);
      expect(await other.guard.remember(marks(1))).toEqual(['fresh']);
    },
  );

  it('that only a leader sends ends the channel', async () => {
    const { leader, worker, seen } = await joined(await tableOf());
    const closed = once(leader, 'close');
    worker.write(answer([0]));
    await closed;
    expect(seen.garbled).toBe(1);
  });

  it('about the state says how full the guard is', async () => {
    const table = await tableOf();
    const { guard } = await joined(table);
    await guard.remember(marks(5));
    expect(await guard.state()).toEqual({
      entries: 5,
      capacity: 100_000,
      bytes: expect.any(Number),
    });
  });

  it('that the store cannot answer says why to each call', async () => {
    const { guard } = await joined(storeThat(() => Promise.reject(new Error('secret'))));
    const calls = [guard.remember(marks(1)), guard.remember(marks(1, 1))];
    for (const call of calls)
      await expect(call).rejects.toThrow(/a fault of this program \(Error\)/);
    await expect(guard.state()).rejects.toThrow(/a fault of this program/);
  });
});

describe('an answer', () => {
  it('that is cut off is none: the marks before it are answered, the others are not', async () => {
    const answers = Buffer.concat([answer([0, 1]), answer([2], 2)]);
    const first = answer([0, 1]).length;
    for (let at = 0; at < answers.length; at++) {
      const { guard, leader, seen } = await silentLeader();
      const calls = [guard.remember(marks(2))];
      await once(leader, 'data');
      calls.push(guard.remember(marks(1)));
      await once(leader, 'data');
      leader.end(answers.subarray(0, at));
      const settled = await Promise.allSettled(calls);
      expect(settled.map(({ status }) => status)).toEqual([
        at >= first ? 'fulfilled' : 'rejected',
        'rejected',
      ]);
      expect(seen.lost).toBe(1);
    }
  });

  it.each([
    ['to no question', answer([0], 7)],
    ['of too few marks', answer([0])],
    ['of too many marks', answer([0, 0, 0])],
    ['that is no answer', answer([0, 4])],
    ['that is a question', question(marks(1))],
    ['in another form', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ])('%s makes nothing fresh, and ends the worker', async (_what, bytes) => {
    const { guard, leader, seen } = await silentLeader();
    const call = guard.remember(marks(2));
    await once(leader, 'data');
    leader.write(bytes);
    await expect(call).rejects.toThrow(/answered what is no answer/);
    expect(seen.lost).toBe(1);
    await expect(guard.remember(marks(1))).rejects.toThrow(/leading process/);
  });

  it('that is late is dropped, and the next ones are taken', async () => {
    const { guard, leader, seen } = await silentLeader(1);
    leader.resume();
    await expect(guard.remember(marks(2))).rejects.toThrow(/gave no answer within 1 ms/);
    await expect(guard.state()).rejects.toThrow(/gave no answer within 1 ms/);
    leader.write(answer([0, 0]));
    const { guard: patient, leader: other } = await silentLeader();
    const call = patient.remember(marks(1));
    await once(other, 'data');
    other.write(answer([0]));
    expect(await call).toEqual(['fresh']);
    expect(seen.lost).toBe(0);
  });
});

describe('back-pressure', () => {
  it('a worker whose leader is stopped refuses marks at once when too many wait', async () => {
    const { guard, seen } = await silentLeader();
    const waiting = Array.from({ length: 64 }, () => guard.remember(marks(1024)));
    await expect(guard.remember(marks(1))).rejects.toThrow(/has 65536 to answer/);
    await guard.close();
    for (const call of waiting) await expect(call).rejects.toThrow(/was closed/);
    expect(seen.lost).toBe(0);
  });

  it('a leader reads no more from a worker that takes no answers', async () => {
    const table = await tableOf();
    const [leader, worker] = await socketPair();
    answerWorker(leader, table, () => expect.unreachable());
    const one = question(marks(1));
    const flood = Buffer.concat(Array(1000).fill(one));
    // Written until nothing moves any more: the worker's own buffer fills only when the leader
    // stops to read.
    worker.pause();
    while (worker.write(flood) || (await drained(worker))) {}
    expect(leader.isPaused()).toBe(true);
    expect(leader.writableLength).toBeLessThan(1024 * 1024);
    // What it has asked is answered once it reads.
    const answered = once(leader, 'resume');
    worker.resume();
    await answered;
  });

  it('a store that is slow is asked no more than it can answer, and all are answered', async () => {
    const release: (() => void)[] = [];
    const store = new MapStore().open();
    const slow = storeThat(async (asked) => {
      await new Promise<void>((resolve) => release.push(resolve));
      return store.remember(asked);
    });
    const { guard, leader } = await joined(slow);
    const paused = once(leader, 'pause');
    const calls: Promise<readonly GuardAnswer[]>[] = [];
    for (let i = 0; i < 200; i++) {
      calls.push(guard.remember(marks(1, i)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await paused;
    let left = calls.length;
    for (const call of calls) void call.then(() => left--);
    while (left > 0) {
      for (const each of release.splice(0)) each();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await Promise.all(calls)).flat()).toEqual(fill(200, 'fresh'));
  });
});

/** A store that answers by a function. */
const storeThat = (remember: ReplayGuard['remember']): MarkStore =>
  new GuardStore({ remember, state: async () => Promise.reject(new Error('no state')) });

async function bytesOf(socket: Socket, count: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
  }
  return bytes;
}

/** Whether a socket takes more, rather than being stuck: both ends are of this process. */
async function drained(socket: Socket): Promise<boolean> {
  for (let turn = 0; turn < 100; turn++) {
    if (!socket.writableNeedDrain) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}
