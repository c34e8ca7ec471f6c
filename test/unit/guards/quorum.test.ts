/** What several guards answer together, by every combination of their answers and every order. */
import { describe, expect, it } from 'vitest';
import { guardConformance } from '../../../src/guards/conformance.js';
import { createQuorumGuard, QuorumGuard, type QuorumOptions } from '../../../src/guards/quorum.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../../src/index.js';
import { MapStore } from './map-guard.js';
import { markUntil } from './marks.js';
import { settled } from './settled.js';

let count = 0;
const mark = () =>
  markUntil(`abcdefghij${String(++count).padStart(6, '0')}`, 58_900_000, 1_770_000_000_000);

/** A guard whose calls are answered one by one, by the test. */
class Scripted implements ReplayGuard {
  readonly calls: {
    readonly marks: readonly ReplayMark[];
    give(answers: unknown): void;
    fail(reason: unknown): void;
  }[] = [];
  remember(marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> {
    return new Promise((resolve, reject) => {
      this.calls.push({
        marks,
        give: (answers) => resolve(answers as GuardAnswer[]),
        fail: reject,
      });
    });
  }
}

/** A quorum over scripted guards, whose time is up when the test says so. */
function quorumOf(guards: readonly ReplayGuard[], options: QuorumOptions = {}) {
  const ends = new Set<() => void>();
  const guard = new QuorumGuard(guards, options, (_, onEnd) => {
    ends.add(onEnd);
    return () => ends.delete(onEnd);
  });
  return {
    guard,
    timers: ends,
    endTime: () => {
      for (const end of [...ends]) end();
    },
  };
}
const scripted = (guards = 3) => Array.from({ length: guards }, () => new Scripted());

/** One answer of a guard, as its first call of the test gives it. */
const answer = ({ calls: [call] }: Scripted, said: unknown) => call?.give([said]);

describe('the suite for guards', () => {
  for (const guards of [3, 5]) {
    const make = () => {
      const stores = Array.from({ length: guards }, () => new MapStore());
      return {
        open: () => createQuorumGuard(stores.map((store) => store.open())),
        moveClock: (byMs: number) => {
          for (const store of stores) store.moveClock(byMs);
        },
      };
    };
    const cases = guardConformance(make().open, { withClock: make });
    for (const { name, run } of cases) it(`over ${guards}: ${name}`, run);
  }
  const stores = [new MapStore(), new MapStore()];
  const gone: ReplayGuard = { remember: () => Promise.reject(new Error('gone')) };
  const open = () => createQuorumGuard([...stores.map((store) => store.open()), gone]);
  for (const { name, run } of guardConformance(open)) it(`with one of three lost: ${name}`, run);
});

/** Ways to answer, each with what it counts as. */
const WAYS: Readonly<Record<string, GuardAnswer>> = {
  fresh: 'fresh',
  replayed: 'replayed',
  stale: 'stale',
  unavailable: 'unavailable',
  rejects: 'unavailable',
  'too many': 'unavailable',
  'too few': 'unavailable',
  'another word': 'unavailable',
  'no array': 'unavailable',
};
const act = ({ calls: [call] }: Scripted, way: string) => {
  if (way === 'rejects') call?.fail(new Error('down'));
  else if (way === 'too many') call?.give(['fresh', 'fresh']);
  else if (way === 'too few') call?.give([]);
  else if (way === 'another word') call?.give(['Fresh']);
  else if (way === 'no array') call?.give('fresh');
  else call?.give([way]);
};

/** The rule, in words of its own: who has enough votes, or can never get them. */
function expected(said: readonly GuardAnswer[], needed: number, guards: number) {
  const of = (...words: GuardAnswer[]) => said.filter((each) => words.includes(each)).length;
  const [spare, open] = [guards - needed, guards - said.length];
  if (of('fresh') >= needed) return 'fresh';
  if (of('replayed') > spare) return 'replayed';
  if (of('replayed', 'stale') > spare) return 'stale';
  if (of('fresh') + open < needed && of('replayed', 'stale') + open <= spare) return 'unavailable';
  return undefined;
}

const orders = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) =>
        orders(items.filter((each) => each !== first)).map((rest) => [first, ...rest]),
      );
const combinations = (length: number, words: readonly string[]): string[][] =>
  length === 0
    ? [[]]
    : combinations(length - 1, words).flatMap((some) => words.map((word) => [...some, word]));

/** Answers in this order, and looks after each whether the call is answered, and how. */
async function follow(ways: readonly string[], order: readonly number[], options: QuorumOptions) {
  const guards = scripted(ways.length);
  const { guard } = quorumOf(guards, options);
  const call = settled(guard.remember([mark()]).catch(() => ['unavailable'] as const));
  const needed = Math.floor((ways.length + (options.silentLosses ?? 0)) / 2) + 1;
  const heard: GuardAnswer[] = [];
  for (const at of order) {
    act(guards[at]!, ways[at]!);
    heard.push(WAYS[ways[at]!]!);
    const wanted = expected(heard, needed, ways.length);
    const got = (await call.now())?.[0];
    if (got !== wanted) throw new Error(`${ways} in order ${order}: got ${got}, not ${wanted}`);
    if (wanted !== undefined) return;
  }
}

describe('of three guards, two decide', () => {
  const ways = combinations(3, Object.keys(WAYS));
  const all = orders([0, 1, 2]);
  it(`as soon as they have, in all ${ways.length * all.length} combinations and orders`, async () => {
    expect(ways.length * all.length).toBe(9 ** 3 * 6);
    for (const each of ways) for (const order of all) await follow(each, order, {});
  });

  it('or all three, where one may forget without knowing it', async () => {
    for (const each of combinations(3, ['fresh', 'replayed', 'stale', 'unavailable']))
      for (const order of all) await follow(each, order, { silentLosses: 1 });
  });
});

it('of five guards, three decide, or four where two may forget without knowing it', async () => {
  const all = orders([0, 1, 2, 3, 4]).filter((_, i) => i % 5 === 0);
  for (const silentLosses of [0, 1, 2, 3, 4])
    for (const each of combinations(5, ['fresh', 'replayed', 'unavailable']))
      for (const order of all.slice(0, 6)) await follow(each, order, { silentLosses });
});

describe('a guard of three that misbehaves', () => {
  it('by throwing at once is unavailable by itself, and its reason is told', async () => {
    const told: unknown[] = [];
    const [one, two] = scripted();
    const broken = {
      remember: () => {
        throw new Error('broken');
      },
    };
    const { guard } = quorumOf([broken, one!, two!], { onGuardError: (error) => told.push(error) });
    const call = settled(guard.remember([mark()]));
    answer(one!, 'fresh');
    expect(await call.now()).toBeUndefined();
    answer(two!, 'fresh');
    expect(await call.now()).toEqual(['fresh']);
    expect(told).toEqual([
      expect.objectContaining({ code: 'ERR_STORE_FAILED', cause: new Error('broken') }),
    ]);
    expect(told[0]).toMatchObject({ message: 'quorum: guard 1 of 3 gave no answer' });
  });

  it('by settling twice counts once', async () => {
    const marks = [mark()];
    const twice = {
      remember: () => ({
        // biome-ignore lint/suspicious/noThenProperty: a guard may answer by any thenable
        then: (give: (said: unknown) => void) => [give(['fresh']), give(['fresh'])],
      }),
    } as unknown as ReplayGuard;
    const [one, two] = scripted();
    const call = settled(quorumOf([twice, one!, two!]).guard.remember(marks));
    expect(await call.now()).toBeUndefined();
    answer(one!, 'replayed');
    expect(await call.now()).toBeUndefined();
    answer(two!, 'replayed');
    expect(await call.now()).toEqual(['replayed']);
  });

  it('by using the array of its answers again is unavailable for both calls', async () => {
    const [one, two, three] = scripted();
    const { guard } = quorumOf([one!, two!, three!]);
    const calls = [settled(guard.remember([mark()])), settled(guard.remember([mark()]))];
    const shared = ['fresh'];
    for (const call of [...one!.calls, ...two!.calls]) call.give(shared);
    for (const call of three!.calls) call.give(['fresh']);
    for (const call of calls)
      expect(await call.rejection()).toMatchObject({ code: 'ERR_STORE_FAILED' });
  });

  it('by never answering holds nobody up, and after the time the call is unavailable', async () => {
    const guards = scripted();
    const { guard, endTime, timers } = quorumOf(guards);
    const [decided, open] = [settled(guard.remember([mark()])), settled(guard.remember([mark()]))];
    for (const each of guards.slice(0, 2)) each.calls[0]!.give(['fresh']);
    guards[0]!.calls[1]!.give(['fresh']);
    expect(await decided.now()).toEqual(['fresh']);
    expect(await open.now()).toBeUndefined();
    endTime();
    expect(await open.rejection()).toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: 'quorum: fewer than 2 of 3 guards agree on an answer',
    });
    expect(timers.size).toBe(0);
  });

  it('by a rejection after the call leaves none that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const guards = scripted();
    const { guard } = quorumOf(guards);
    const call = settled(guard.remember([mark()]));
    answer(guards[0]!, 'fresh');
    answer(guards[1]!, 'fresh');
    expect(await call.now()).toEqual(['fresh']);
    guards[2]!.calls[0]!.fail(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});

describe('an attempt that found too few guards', () => {
  it('leaves its votes to the next one, which asks the others only', async () => {
    const guards = scripted();
    const { guard } = quorumOf(guards);
    const asked = mark();
    const first = settled(guard.remember([asked]));
    answer(guards[0]!, 'fresh');
    for (const each of guards.slice(1)) each.calls[0]!.fail(new Error('away'));
    expect(await first.rejection()).toMatchObject({
      cause: { errors: [{ message: 'away' }, { message: 'away' }] },
    });
    const second = settled(guard.remember([asked]));
    expect(guards.map(({ calls }) => calls.length)).toEqual([1, 2, 2]);
    guards[1]!.calls[1]!.give(['replayed']);
    expect(await second.now()).toBeUndefined();
    guards[2]!.calls[1]!.give(['fresh']);
    expect(await second.now()).toEqual(['fresh']);
  });

  it('of two processes at once may refuse both, and accepts for one that tries again', async () => {
    const stores = [0, 1, 2].map(() => new MapStore());
    let isAway = true;
    const open = (first: number) =>
      createQuorumGuard(
        stores.map((store, i) => {
          const guard = store.open();
          // Each reaches another store before the other process does, and the last one is away.
          const isMissing = () => i === 2 && isAway;
          return {
            remember: async (marks: readonly ReplayMark[]) => {
              if (i !== first) await new Promise((resolve) => setImmediate(resolve));
              if (isMissing()) throw new Error('away');
              return guard.remember(marks);
            },
          };
        }),
      );
    const processes = [open(0), open(1)];
    const asked = [
      { ...mark(), expiresAtMs: Date.now() + 30_000, keepUntilMs: Date.now() + 60_000 },
    ];
    const ask = (guard: QuorumGuard) => guard.remember(asked).catch(() => ['unavailable']);
    expect(await Promise.all(processes.map(ask))).toEqual([['unavailable'], ['unavailable']]);
    isAway = false;
    expect(await ask(processes[1]!)).toEqual(['fresh']);
    expect(await ask(processes[0]!)).toEqual(['replayed']);
  });

  it('counts the votes that come after it has ended, once', async () => {
    const guards = scripted();
    const { guard, endTime } = quorumOf(guards);
    const asked = mark();
    const first = settled(guard.remember([asked]));
    endTime();
    expect(await first.rejection()).toMatchObject({ code: 'ERR_STORE_FAILED' });
    for (const each of guards) answer(each, 'fresh');
    await new Promise((resolve) => setImmediate(resolve));
    // Enough by now: nobody has to be asked.
    expect(await guard.remember([asked])).toEqual(['fresh']);
    expect(guards.map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    const third = settled(guard.remember([asked]));
    for (const each of guards) each.calls[1]!.give(['replayed']);
    expect(await third.now()).toEqual(['replayed']);
  });

  it('is waited for by the next one, whose own answers say that the token is known', async () => {
    const guards = scripted();
    const { guard, endTime } = quorumOf(guards);
    const asked = mark();
    const first = settled(guard.remember([asked]));
    endTime();
    await first.rejection();
    const second = settled(guard.remember([asked]));
    for (const each of guards) each.calls[1]!.give(['replayed']);
    expect(await second.now()).toBeUndefined();
    for (const each of guards.slice(0, 2)) each.calls[0]!.give(['fresh']);
    expect(await second.now()).toEqual(['fresh']);
  });

  it('shares its votes with a call beside it, and one of the two is told fresh', async () => {
    const guards = scripted();
    const { guard } = quorumOf(guards);
    const asked = mark();
    const calls = [settled(guard.remember([asked])), settled(guard.remember([asked]))];
    guards[0]!.calls[0]!.give(['fresh']);
    guards[0]!.calls[1]!.give(['replayed']);
    guards[1]!.calls[0]!.give(['replayed']);
    expect(await calls[0]!.now()).toBeUndefined();
    guards[1]!.calls[1]!.give(['fresh']);
    expect([await calls[0]!.now(), await calls[1]!.now()]).toEqual([['fresh'], ['replayed']]);
  });

  it('is forgotten when a mark is asked about that begins after it is over', async () => {
    const guards = scripted();
    const { guard } = quorumOf(guards);
    const asked = mark();
    const first = settled(guard.remember([asked]));
    answer(guards[0]!, 'fresh');
    for (const each of guards.slice(1)) answer(each, 'unavailable');
    await first.rejection();
    const later = markUntil('zzzzzzzzzzzzzzzz', asked.step + 99, asked.keepUntilMs + 99 * 30_000);
    void guard.remember([later]).catch(() => {});
    void guard.remember([asked]).catch(() => {});
    // Asked again, since its vote of before is dropped.
    expect(guards[0]!.calls).toHaveLength(3);
  });
});

it('a batch has an answer for each mark, of those guards that know it', async () => {
  const guards = scripted();
  const { guard } = quorumOf(guards);
  const [one, two, three] = [mark(), mark(), mark()];
  const call = settled(guard.remember([one, two, one, three]));
  // A mark that stands twice is asked about once.
  expect(guards[0]!.calls[0]!.marks).toEqual([one, two, three]);
  guards[0]!.calls[0]!.give(['fresh', 'replayed', 'fresh']);
  guards[1]!.calls[0]!.give(['fresh', 'replayed', 'unavailable']);
  expect(await call.now()).toBeUndefined();
  guards[2]!.calls[0]!.give(['fresh', 'fresh', 'stale']);
  expect(await call.now()).toEqual(['fresh', 'replayed', 'replayed', 'unavailable']);
});

describe('the guards as one', () => {
  it('report the state of the fullest guard, by marks or by bytes, and skip guards that report none', async () => {
    const states = [
      { entries: 5, capacity: 10 },
      { bytes: 70, maxBytes: 100 },
      { bytes: 900 },
    ] as const;
    const guards = states.map((state) => ({ ...new MapStore().open(), state: async () => state }));
    expect(await createQuorumGuard(guards).state()).toEqual({ ...states[1], guardsAway: 0 });
    const failing = { ...guards[1]!, state: () => Promise.reject(new Error('away')) };
    expect(await createQuorumGuard([guards[0]!, failing, guards[2]!]).state()).toEqual({
      ...states[0],
      guardsAway: 0,
    });
    const none = Array.from({ length: 3 }, () => ({ ...failing }));
    await expect(createQuorumGuard(none).state()).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      cause: { errors: [{ message: 'away' }, { message: 'away' }, { message: 'away' }] },
    });
    const [silent, ...others] = [
      { ...failing, state: () => new Promise<never>(() => {}) },
      ...guards,
    ];
    const { guard, endTime } = quorumOf([silent, ...others.slice(1)]);
    const state = settled(guard.state());
    expect(await state.now()).toBeUndefined();
    endTime();
    expect(await state.now()).toEqual({ ...states[1], guardsAway: 0 });
  });

  it('tell how many of them are away, and what has happened to all stores', async () => {
    const store = new MapStore();
    const there = { ...store.open(), state: async () => ({}), events: () => ({ restart: 2 }) };
    let isAway = true;
    const other: ReplayGuard = {
      remember: (marks) =>
        isAway ? Promise.reject(new Error('away')) : new MapStore().open().remember(marks),
      events: () => ({ restart: 1, emptied: 1 }),
    };
    const { guard } = quorumOf([
      there,
      { ...there, remember: new MapStore().open().remember },
      other,
    ]);
    const later = { ...mark(), expiresAtMs: Date.now() + 30_000, keepUntilMs: Date.now() + 60_000 };
    expect(await guard.remember([later])).toEqual(['fresh']);
    expect(await guard.state()).toEqual({ guardsAway: 1 });
    isAway = false;
    await guard.remember([{ ...later, id: 'another' }]);
    expect(await guard.state()).toEqual({ guardsAway: 0 });
    expect(guard.events()).toEqual({ restart: 5, emptied: 1 });
  });

  it('are all closed, although some fail to close, and calls under way are answered', async () => {
    const closed: number[] = [];
    const guards = [0, 1, 2].map((i) => ({
      remember: () => new Promise<never>(() => {}),
      close: async () => {
        closed.push(i);
        if (i !== 1) throw new Error(`stuck ${i}`);
      },
    }));
    const guard = createQuorumGuard(guards);
    const call = settled(guard.remember([mark()]));
    await expect(guard.close()).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      message: 'quorum: 2 of 3 guards could not be closed',
      cause: { errors: [{ message: 'stuck 0' }, { message: 'stuck 2' }] },
    });
    expect(closed).toEqual([0, 1, 2]);
    expect(await call.rejection()).toMatchObject({ code: 'ERR_STORE_FAILED' });
    await expect(guard.remember([mark()])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

describe('options that cannot be used', () => {
  const three = scripted();
  it.each([
    ['guards', 'no list', () => createQuorumGuard(undefined as never)],
    ['guards', 'one', () => createQuorumGuard(three.slice(0, 1))],
    ['guards', 'an even number', () => createQuorumGuard([...three, new Scripted()])],
    ['guards', 'too many', () => createQuorumGuard(scripted(33))],
    ['guards', 'one twice', () => createQuorumGuard([three[0]!, three[1]!, three[0]!])],
    [
      'guards',
      'one without remember()',
      () => createQuorumGuard([three[0]!, three[1]!, {} as never]),
    ],
    ['guards', 'one that is missing', () => createQuorumGuard([...three.slice(1), null as never])],
    ['timeoutMs', 'none', () => createQuorumGuard(three, { timeoutMs: 0 })],
    ['silentLosses', 'all', () => createQuorumGuard(three, { silentLosses: 3 })],
    ['silentLosses', 'below none', () => createQuorumGuard(three, { silentLosses: -1 })],
    ['onGuardError', 'no function', () => createQuorumGuard(three, { onGuardError: 1 as never })],
    ['options.timeout', 'misspelt', () => createQuorumGuard(three, { timeout: 1 } as never)],
  ])('are refused by name: %s, %s', (field, _, make) => {
    expect(make).toThrowError(expect.objectContaining({ code: 'ERR_OPTION', field }));
  });
});
