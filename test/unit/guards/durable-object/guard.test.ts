/**
 * How marks are spread over objects, and what becomes of them when an object fails. The objects
 * themselves run in test/runtimes/recipes.
 */
import { describe, expect, it } from 'vitest';
import {
  durableObjectGuard,
  type ReplayNamespace,
} from '../../../../src/guards/durable-object/guard.js';
import type { GuardAnswer, ReplayMark } from '../../../../src/guards/guard.js';
import { markOf } from '../marks.js';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const marks: readonly ReplayMark[] = Array.from({ length: 4096 }, (_, i) =>
  markOf(`${BASE64[i >> 6]}${BASE64[i & 63]}cdefghijklmnop`, 60_000_000),
);

type Fault = 'before' | 'after' | 'always';

/** Objects that remember as ReplayShard does, and fail as told. */
function objects(faults: Readonly<Record<string, Fault>> = {}) {
  const held = new Map<string, Map<string, number>>();
  const failed = new Set<string>();
  let calls = 0;
  const namespace: ReplayNamespace = {
    idFromName: (name) => name,
    get: (name: string) => ({
      async remember(some, attempt) {
        calls++;
        const fault = faults[name];
        const isDue = fault === 'always' || (fault !== undefined && !failed.has(name));
        failed.add(name);
        if (isDue && fault !== 'after') throw new Error('the object is gone');
        const known = held.get(name) ?? new Map<string, number>();
        held.set(name, known);
        const answers = some.map(({ id }): GuardAnswer => {
          const by = known.get(id);
          if (by === undefined) known.set(id, attempt);
          return by === undefined || by === attempt ? 'fresh' : 'replayed';
        });
        if (isDue) throw new Error('the answer is lost');
        return answers;
      },
    }),
  };
  return { namespace, held, calls: () => calls };
}

const count = (answers: readonly GuardAnswer[]) =>
  Object.fromEntries(
    [...new Set(answers)].map((each) => [each, answers.filter((a) => a === each).length]),
  );

describe('a guard on objects', () => {
  it('spreads marks evenly, asks each object once, and answers in order', async () => {
    const { namespace, held, calls } = objects();
    const guard = durableObjectGuard(namespace, { shards: 8, prefix: 'shop' });
    expect(count(await guard.remember(marks))).toEqual({ fresh: marks.length });
    expect(calls()).toBe(8);
    expect([...held.keys()].sort()).toEqual(Array.from({ length: 8 }, (_, i) => `shop-${i}`));
    for (const { size } of held.values()) expect(size).toBe(marks.length / 8);
    const some = [marks[7], { ...marks[8], id: 'zzzzzzzzzzzzzzzz' }, marks[9]] as ReplayMark[];
    expect(await guard.remember(some)).toEqual(['replayed', 'fresh', 'replayed']);
  });

  it('repeats a call as the same attempt, so that a lost answer is not a replay', async () => {
    const { namespace } = objects({ 'replay-0': 'after', 'replay-1': 'before' });
    const guard = durableObjectGuard(namespace, { shards: 2 });
    expect(count(await guard.remember(marks))).toEqual({ fresh: marks.length });
    expect(count(await guard.remember(marks))).toEqual({ replayed: marks.length });
  });

  it('asks no object about an empty list', async () => {
    const { namespace, calls } = objects();
    expect(await durableObjectGuard(namespace).remember([])).toEqual([]);
    expect(calls()).toBe(0);
  });

  it('names each attempt by a whole number of 53 bits', async () => {
    const attempts: number[] = [];
    const namespace: ReplayNamespace = {
      idFromName: (name) => name,
      get: () => ({
        async remember(some, attempt) {
          attempts.push(attempt);
          return some.map(() => 'fresh');
        },
      }),
    };
    const guard = durableObjectGuard(namespace, { shards: 1 });
    for (const mark of marks.slice(0, 64)) await guard.remember([mark]);
    expect(new Set(attempts).size).toBe(64);
    expect(attempts.every(Number.isSafeInteger)).toBe(true);
    expect(Math.max(...attempts)).toBeGreaterThan(2 ** 40);
  });

  it('answers unavailable for the marks of an object that does not answer, and for no others', async () => {
    const { namespace } = objects({ 'replay-1': 'always' });
    const guard = durableObjectGuard(namespace, { shards: 4 });
    expect(count(await guard.remember(marks))).toEqual({
      fresh: (marks.length / 4) * 3,
      unavailable: marks.length / 4,
    });
    const alone = durableObjectGuard(namespace, { shards: 2 }).remember([marks[1] as ReplayMark]);
    await expect(alone).rejects.toMatchObject({
      code: 'ERR_STORE_FAILED',
      cause: { message: 'the object is gone' },
    });
  });

  it.each([
    [undefined, {}, 'namespace'],
    [objects().namespace, { shards: 0 }, 'shards'],
    [objects().namespace, { shard: 1 }, 'options.shard'],
    [objects().namespace, { prefix: 5 }, 'prefix'],
  ])('refuses an invalid answer (%#)', (namespace, options, field) => {
    expect(() => durableObjectGuard(namespace as never, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', field }),
    );
  });
});
