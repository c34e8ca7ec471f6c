/** When a server may have forgotten, from what it said each time it was looked at. */
import { describe, expect, it } from 'vitest';
import { Problems } from '../../../../src/guards/problems.js';
import { type Facts, inspect } from '../../../../src/guards/redis/inspect.js';
import { MemoryLoss } from '../../../../src/guards/redis/memory-loss.js';
import { settingsOf } from '../../../../src/guards/redis/options.js';
import { ModelServer } from './model-server.js';

const FIRST: Facts = {
  runId: 'one',
  nowMs: 10_000,
  startedAtMs: 1000,
  isDurable: true,
  isRewriting: false,
  evictedKeys: 0,
  creation: '500 first',
  flushes: 0,
};

function watched(
  rejectStepsBefore: 'restart' | 'start' | 'creation' | 'opening' | 'none' = 'restart',
) {
  const told: string[] = [];
  const settings = settingsOf({ url: 'redis://127.0.0.1', rejectStepsBefore });
  const problems = new Problems('redis', ({ message }) => told.push(message));
  return { loss: new MemoryLoss(settings, problems), told, problems };
}

/** The floor after these looks, each given by what differs from the first. */
function floorAfter(
  looks: readonly Partial<Facts>[],
  rejectStepsBefore?: Parameters<typeof watched>[0],
): number {
  const { loss } = watched(rejectStepsBefore);
  for (const look of looks) loss.note({ ...FIRST, ...look }, 'it');
  return loss.floorMs;
}

const RESTART = { runId: 'two', startedAtMs: 50_000, nowMs: 60_000 };

describe('a restart', () => {
  it.each([
    ['synced before and after: nothing is lost', [{}, RESTART], 0],
    ['never synced', [{ isDurable: false }, { ...RESTART, isDurable: false }], 50_000],
    [
      'synced only since then: what was written before may be lost',
      [{ isDurable: false }, RESTART],
      50_000,
    ],
    [
      'synced only until then: its file is not read',
      [{}, { ...RESTART, isDurable: false }],
      50_000,
    ],
    [
      'synced again, after a while without: what was written in that while may be lost',
      [{}, { nowMs: 20_000, isDurable: false }, { nowMs: 30_000 }, { nowMs: 40_000 }, RESTART],
      30_000,
    ],
    [
      'told to write a file, which was not done yet',
      [{ isDurable: false }, { nowMs: 20_000, isRewriting: true }, RESTART],
      50_000,
    ],
    [
      'while it wrote its file anew, as it does from time to time',
      [{}, { isRewriting: true }, RESTART],
      0,
    ],
    ['of which nobody was there before the first look', [{ isRewriting: true }, RESTART], 50_000],
  ])('is judged: %s', (_, looks, floorMs) => {
    expect(floorAfter(looks)).toBe(floorMs);
    expect(floorAfter(looks, 'none')).toBe(0);
  });

  it.each([
    ['restart', { isDurable: false }, 0],
    ['start', { isDurable: false }, 1000],
    ['opening', { isDurable: false }, 1000],
    ['none', { isDurable: false }, 0],
    ['start', {}, 0],
    ['restart', { evictedKeys: 7 }, 0],
    ['start', { evictedKeys: 7 }, 10_000],
    ['opening', { evictedKeys: 7 }, 10_000],
    ['none', { evictedKeys: 7 }, 0],
    ['restart', { creation: '9000 now' }, 0],
    ['start', { creation: '9000 now' }, 0],
    ['creation', { creation: '9000 now' }, 19_000],
    ['creation', { creation: undefined }, 20_000],
    ['creation', { creation: 'of somebody else' }, 20_000],
    ['creation', { isDurable: false, startedAtMs: 30_000 }, 30_000],
  ] as const)(
    'before the guard was made, with %s, is judged: %j',
    (rejectStepsBefore, look, floorMs) => {
      expect(floorAfter([look], rejectStepsBefore)).toBe(floorMs);
    },
  );
});

describe('a count of evicted keys', () => {
  it.each([1, 0, 6, 2 ** 40])(
    'that moves from 5 to %i makes all earlier tokens stale, at a look and with an answer',
    (evictedKeys) => {
      expect(floorAfter([{ evictedKeys: 5 }, { evictedKeys, nowMs: 20_000 }])).toBe(20_000);
      const { loss, told } = watched();
      loss.note({ ...FIRST, evictedKeys: 5 }, 'it');
      const floorNow = (nowMs: number, count: number) =>
        loss.after({ ...FIRST, nowMs, evictedKeys: count }, 'it');
      expect(floorNow(20_000, 5)).toBe(0);
      expect(floorNow(20_000, evictedKeys)).toBe(20_000);
      // It is what was, from now on; the floor stays.
      expect(floorNow(30_000, evictedKeys)).toBe(20_000);
      expect(told).toEqual([expect.stringContaining('it has evicted keys')]);
    },
  );

  it('from the start of another run is the count that the run begins with', () => {
    expect(floorAfter([{ evictedKeys: 5 }, { ...RESTART, evictedKeys: 0 }])).toBe(0);
    expect(floorAfter([{ evictedKeys: 5 }, { ...RESTART, evictedKeys: 5 }])).toBe(RESTART.nowMs);
  });
});

it('the guard warns once that a server no longer syncs', () => {
  const { loss, told } = watched();
  for (const isDurable of [true, false, false]) loss.note({ ...FIRST, isDurable }, 'it');
  expect(told).toEqual([expect.stringContaining('it no longer syncs each write')]);
});

describe('the key that tells when a server’s memory was created', () => {
  const MARGIN_MS = 10_000;

  it.each([
    ['is gone', undefined, 20_000 + MARGIN_MS],
    ['has another value', '15000 second', 15_000 + MARGIN_MS],
    ['has a value that is not ours', 'something', 20_000 + MARGIN_MS],
  ])(
    '%s: what the server had before is lost, seen at a look and with an answer',
    (_, creation, floorMs) => {
      expect(floorAfter([{}, { creation, nowMs: 20_000 }])).toBe(floorMs);
      expect(floorAfter([{}, { creation, nowMs: 20_000 }], 'none')).toBe(0);
      const { loss, told } = watched();
      loss.note(FIRST, 'it');
      expect(loss.after({ ...FIRST, nowMs: 20_000 }, 'it')).toBe(0);
      expect(loss.after({ ...FIRST, nowMs: 20_000, creation }, 'it')).toBe(floorMs);
      expect(loss.lacksCreation).toBe(creation === undefined);
      expect(told).toEqual([expect.stringContaining('it was emptied')]);
    },
  );

  it('is missing: nothing is believed until the server has one, nor what came before that', () => {
    const { loss } = watched();
    loss.note(FIRST, 'it');
    for (const nowMs of [20_000, 30_000])
      expect(loss.after({ ...FIRST, nowMs, creation: undefined }, 'it')).toBe(nowMs + MARGIN_MS);
    loss.note({ ...FIRST, nowMs: 40_000, creation: '39000 second' }, 'it');
    expect(loss.after({ ...FIRST, nowMs: 50_000, creation: '39000 second' }, 'it')).toBe(49_000);
    expect(loss.lacksCreation).toBe(false);
  });

  it('has another value after a restart: the server remembers since then, not since the restart', () => {
    expect(floorAfter([{}, { ...RESTART, creation: '58000 second' }])).toBe(58_000 + MARGIN_MS);
  });

  it('is not looked for on nodes of a cluster', () => {
    const settings = settingsOf({ nodes: ['redis://127.0.0.1'] });
    const loss = new MemoryLoss(settings, new Problems('redis', undefined));
    loss.note({ ...FIRST, creation: undefined }, 'it');
    expect(loss.after({ ...FIRST, nowMs: 20_000, creation: undefined }, 'it')).toBe(0);
    expect(loss.lacksCreation).toBe(false);
  });
});

describe('a node of a cluster', () => {
  const noted = (flushes: readonly number[], rejectStepsBefore: 'restart' | 'creation') => {
    const settings = settingsOf({ nodes: ['redis://127.0.0.1'], rejectStepsBefore });
    const loss = new MemoryLoss(settings, new Problems('redis', undefined));
    for (const [i, each] of flushes.entries())
      loss.note({ ...FIRST, creation: undefined, flushes: each, nowMs: 10_000 * (i + 1) }, 'it');
    return loss.floorMs;
  };

  it.each([
    [[0, 0], 0],
    [[3, 3], 0],
    [[0, 1], 20_000],
    // Somebody has set the count back.
    [[3, 0], 20_000],
    [[0, 1, 1], 20_000],
  ])('that was emptied as often as %j remembers since %i', (flushes, floorMs) => {
    expect(noted(flushes, 'restart')).toBe(floorMs);
  });

  it('that was emptied before the guard was made is trusted or not, as the option says', () => {
    expect(noted([1], 'restart')).toBe(0);
    expect(noted([1], 'creation')).toBe(10_000);
  });
});

describe('another server that takes over', () => {
  const TAKER = { ...FIRST, runId: 'two', nowMs: 60_000 };

  it.each([
    ['by another name', 50_000, 'other'],
    ['by the same name, and ran already while the one before still answered', 20_000, 'it'],
  ])(
    'is told apart from a restart %s: tokens that were good before are stale',
    (_, startedAtMs, name) => {
      const { loss, told, problems } = watched();
      loss.note(FIRST, 'it');
      expect(loss.after({ ...FIRST, nowMs: 20_000 }, 'it')).toBe(0);
      loss.note({ ...TAKER, startedAtMs }, name);
      expect(loss.floorMs).toBe(60_000);
      expect(problems.events).toEqual({ failover: 1 });
      expect(told).toEqual([expect.stringContaining(`${name} has taken over from it`)]);
    },
  );

  it.each([
    // The end of the second of its start is 50,000, and the last answer came in that second.
    ['and synced each write: tokens of before are stale, since it may be another', true, 60_000],
    ['and synced nothing: so, too', false, 60_000],
  ])('cannot be told apart from a restart within a second, %s', (_, isDurable, floorMs) => {
    const { loss, told, problems } = watched();
    loss.note({ ...FIRST, isDurable }, 'it');
    loss.after({ ...FIRST, nowMs: 49_500 }, 'it');
    loss.note({ ...FIRST, ...RESTART, isDurable }, 'it');
    expect(loss.floorMs).toBe(floorMs);
    expect(problems.events).toEqual({ restart: 1 });
    expect(told).toEqual([
      expect.stringContaining(isDurable ? 'or is another server' : 'was restarted'),
    ]);
  });

  it('is a restart of a synced server where the last answer came in the second before', () => {
    const { loss, told } = watched();
    loss.note(FIRST, 'it');
    loss.after({ ...FIRST, nowMs: 48_999 }, 'it');
    loss.note({ ...FIRST, ...RESTART }, 'it');
    expect([loss.floorMs, told]).toEqual([0, []]);
  });

  it('knows all where each write waits for a replica', () => {
    const settings = settingsOf({ url: 'redis://127.0.0.1', wait: { replicas: 1 } });
    const problems = new Problems('redis', undefined);
    const loss = new MemoryLoss(settings, problems);
    loss.note(FIRST, 'it');
    loss.note({ ...TAKER, startedAtMs: 5000 }, 'other');
    expect(loss.floorMs).toBe(0);
    expect(problems.events).toEqual({ failover: 1 });
  });

  it('is counted, as are restarts, evicted keys and servers that were emptied', () => {
    const { loss, problems } = watched();
    loss.note(FIRST, 'it');
    loss.note({ ...FIRST, ...RESTART }, 'it');
    loss.note({ ...FIRST, ...RESTART, nowMs: 70_000, evictedKeys: 3, creation: '65000 new' }, 'it');
    expect(problems.events).toEqual({ restart: 1, eviction: 1 });
    loss.note({ ...FIRST, ...RESTART, nowMs: 80_000, evictedKeys: 3, creation: '75000 x' }, 'it');
    expect(problems.events).toEqual({ restart: 1, eviction: 1, emptied: 1 });
  });
});

it.each([
  [0, 0],
  [0, 999],
  [999, 0],
  [999, 1],
  [500, 600],
])(
  'a server started at %i ms of a second, looked at %i ms later, started before what is noted',
  async (startMs, laterMs) => {
    const firstMs = 1_770_000_000_000 + startMs;
    const server = new ModelServer(firstMs);
    server.moveClock(laterMs);
    const connection = {
      isOpen: true,
      pipeline: async () => undefined,
      oneByOne: async (commands: readonly (readonly string[])[]) =>
        commands.map((command) => server.reply(command)),
      close() {},
    };
    const settings = settingsOf({ url: 'redis://127.0.0.1' });
    const { startedAtMs } = await inspect(connection, 'it', settings);
    // The model has run for a minute at first.
    expect(startedAtMs - (firstMs - 60_000)).toBe(1000 - startMs);
  },
);
