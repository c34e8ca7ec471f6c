/** The suite for guards accepts one that is right, and finds what is wrong with others. */
import { describe, expect, it } from 'vitest';
import { guardConformance } from '../../../src/guards/conformance.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../../src/index.js';
import { MapStore } from './map-guard.js';

describe('a guard that is right', () => {
  const store = new MapStore();
  for (const { name, run } of guardConformance(() => store.open())) it(name, run);
});

/** Guards with one fault each, and the cases that must find it. */
const FAULTS: Readonly<Record<string, () => () => ReplayGuard>> = {
  'accepts everything': () => () => ({ remember: async (marks) => marks.map(() => 'fresh') }),
  'refuses everything': () => () => ({ remember: async (marks) => marks.map(() => 'unavailable') }),
  'knows ids without their step': () => {
    const store = new MapStore();
    return () => around(store.open(), (marks) => marks.map((mark) => ({ ...mark, step: 1 })));
  },
  'ignores case': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) => marks.map((mark) => ({ ...mark, id: mark.id.toLowerCase() })));
  },
  'shortens ids': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) => marks.map((mark) => ({ ...mark, id: mark.id.slice(0, 15) })));
  },
  'forgets when it is closed': () => () => new MapStore().open(),
  'accepts what has expired': () => {
    const store = new MapStore();
    return () => around(store.open(), (marks) => marks.map((mark) => ({ ...mark, expiresAtMs: Infinity })));
  },
  'looks first and remembers later': () => {
    const known = new Set<string>();
    const remember = async (marks: readonly ReplayMark[]): Promise<GuardAnswer[]> => {
      const answers = marks.map(({ id, step, expiresAtMs }): GuardAnswer => {
        if (expiresAtMs <= Date.now()) return 'stale';
        return known.has(`${step} ${id}`) ? 'replayed' : 'fresh';
      });
      await Promise.resolve();
      for (const { id, step } of marks) known.add(`${step} ${id}`);
      return answers;
    };
    return () => ({ remember });
  },
  'loses an answer': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      return { ...guard, remember: async (marks) => (await guard.remember(marks)).slice(0, 1999) };
    };
  },
  'sorts the marks where they are': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const remember = (marks: readonly ReplayMark[]) => guard.remember((marks as ReplayMark[]).sort());
      return { ...guard, remember: async (marks) => remember(marks) };
    };
  },
};

function around(guard: ReplayGuard, change: (marks: readonly ReplayMark[]) => ReplayMark[]): ReplayGuard {
  return { ...guard, remember: (marks) => guard.remember(change(marks)) };
}

describe('a guard that', () => {
  for (const [fault, make] of Object.entries(FAULTS)) {
    it(`${fault} is found out`, async () => {
      const results = await Promise.allSettled(guardConformance(make()).map(({ run }) => run()));
      expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    });
  }
});
