/** The suite for guards accepts one that is right, and finds what is wrong with others. */
import { describe, expect, it } from 'vitest';
import { type ClockedStore, guardConformance } from '../../../src/guards/conformance.js';
import { isKeepable } from '../../../src/guards/guard.js';
import type { GuardAnswer, ReplayGuard, ReplayMark } from '../../../src/index.js';
import { MapStore } from './map-guard.js';

describe('a correct guard passes the suite', () => {
  const store = new MapStore();
  const options = { withClock: () => new MapStore() };
  for (const { name, run } of guardConformance(() => store.open(), options)) it(name, run);
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
      around(store.open(), (marks) =>
        marks.map((mark) => ({ ...mark, id: mark.id.toLowerCase() })),
      );
  },
  'shortens ids': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) => marks.map((mark) => ({ ...mark, id: mark.id.slice(0, 15) })));
  },
  'forgets when it is closed': () => () => new MapStore().open(),
  'accepts what has expired': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) =>
        marks.map((mark) => (isKeepable(mark) ? { ...mark, expiresAtMs: mark.keepUntilMs } : mark)),
      );
  },
  'looks first and remembers later': () => {
    const known = new Set<string>();
    const remember = async (marks: readonly ReplayMark[]): Promise<GuardAnswer[]> => {
      const own = new Set<string>();
      const answers = marks.map((mark): GuardAnswer => {
        const name = `${mark.step} ${mark.id}`;
        if (!isKeepable(mark)) return 'unavailable';
        if (mark.expiresAtMs <= Date.now()) return 'stale';
        const isTwice = own.size === own.add(name).size;
        return isTwice || known.has(name) ? 'replayed' : 'fresh';
      });
      const asked = marks.map(({ id, step }) => ({ id, step }));
      await Promise.resolve();
      for (const { id, step } of asked) known.add(`${step} ${id}`);
      return answers;
    };
    return () => ({ remember });
  },
  'calls a mark that it knows stale a moment too soon': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        const answers = await guard.remember(marks);
        return marks.map(({ expiresAtMs }, i): GuardAnswer => {
          const isNearlyOver = expiresAtMs - 250 < Date.now();
          return answers[i] === 'replayed' && isNearlyOver ? 'stale' : answers[i]!;
        });
      };
      return { ...guard, remember };
    };
  },
  'loses an answer': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      return { ...guard, remember: async (marks) => (await guard.remember(marks)).slice(0, 1999) };
    };
  },
  'sorts the marks by their ids, and answers in that order': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const byId = (a: ReplayMark, b: ReplayMark) => (a.id < b.id ? -1 : 1);
      return {
        ...guard,
        remember: async (marks) => guard.remember((marks as ReplayMark[]).sort(byId)),
      };
    };
  },
  'sorts a list that can be changed, and a copy of one that cannot': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const byId = (a: ReplayMark, b: ReplayMark) => (a.id < b.id ? -1 : 1);
      const remember = async (marks: readonly ReplayMark[]): Promise<readonly GuardAnswer[]> => {
        if (Object.isFrozen(marks)) return guard.remember(marks);
        const before = new Map(marks.map((mark, i) => [mark, i]));
        const sorted = (marks as ReplayMark[]).sort(byId);
        const said = await guard.remember(sorted);
        // Right answers in the order of before, and still the list is another one.
        return [...before.keys()].map((mark) => said[sorted.indexOf(mark)] as GuardAnswer);
      };
      return { ...guard, remember };
    };
  },
  'writes into the marks': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        for (const mark of marks) if (!Object.isFrozen(mark)) Object.assign(mark, { seen: true });
        return guard.remember(marks);
      };
      return { ...guard, remember };
    };
  },
  'reads the marks again after a while': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      return {
        ...guard,
        remember: async (marks) => {
          await Promise.resolve();
          return guard.remember(marks);
        },
      };
    };
  },
  'answers with one array that it uses again': () => {
    const store = new MapStore();
    const answers: GuardAnswer[] = [];
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        const said = await guard.remember(marks);
        answers.length = 0;
        answers.push(...said);
        return answers;
      };
      return { ...guard, remember };
    };
  },
  'changes its answers once another call comes': () => {
    const store = new MapStore();
    let last: GuardAnswer[] = [];
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        last.fill('replayed');
        last = [...(await guard.remember(marks))];
        return last;
      };
      return { ...guard, remember };
    };
  },
  'keeps a mark by the window of who asks': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) => marks.map((mark) => ({ ...mark, step: mark.expiresAtMs })));
  },
  'takes no step below the highest one': () => {
    const store = new MapStore();
    let highest = 0;
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        const said = await guard.remember(marks);
        const answers = said.map((answer, i) =>
          (marks[i] as ReplayMark).step < highest - 40 ? 'stale' : answer,
        );
        highest = Math.max(highest, ...marks.map(({ step }) => step));
        return answers;
      };
      return { ...guard, remember };
    };
  },
  'takes marks without an end': () => {
    const store = new MapStore();
    return () =>
      around(store.open(), (marks) =>
        marks.map((mark) => ({ ...mark, startsAtMs: 0, keepUntilMs: mark.expiresAtMs })),
      );
  },
  'takes a mark that stands twice': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const remember = async (marks: readonly ReplayMark[]) => {
        const said = await guard.remember(marks);
        return marks.map((mark) => said[marks.indexOf(mark)] as GuardAnswer);
      };
      return { ...guard, remember };
    };
  },
  'answers nothing to nothing': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const never = Promise.reject(new Error('no marks'));
      never.catch(() => {});
      return {
        ...guard,
        remember: (marks) => (marks.length === 0 ? never : guard.remember(marks)),
      };
    };
  },
  'sorts the marks where they are': () => {
    const store = new MapStore();
    return () => {
      const guard = store.open();
      const remember = (marks: readonly ReplayMark[]) =>
        guard.remember((marks as ReplayMark[]).sort());
      return { ...guard, remember: async (marks) => remember(marks) };
    };
  },
};

function around(
  guard: ReplayGuard,
  change: (marks: readonly ReplayMark[]) => ReplayMark[],
): ReplayGuard {
  return { ...guard, remember: (marks) => guard.remember(change(marks)) };
}

describe('the suite for guards', () => {
  for (const [fault, make] of Object.entries(FAULTS)) {
    it(`finds a guard that ${fault}`, async () => {
      const results = await Promise.allSettled(guardConformance(make()).map(({ run }) => run()));
      expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    });
  }
});

/** Stores that are wrong only when their clock jumps. */
const CLOCK_FAULTS: Readonly<Record<string, () => ClockedStore>> = {
  'drops marks that are over, and does not know that it did': () => forgetful({}),
  'begins anew when its clock is set back': () => forgetful({ beginsAnew: true }),
  'goes by the clock of the verifier': () => ({
    open: () => new MapStore().open(),
    moveClock() {},
  }),
};

/** A store that drops what is over by its clock, and keeps no note of it. */
function forgetful({ beginsAnew = false }): ClockedStore {
  const known = new Map<string, number>();
  let aheadMs = 0;
  const use = ({ id, step, expiresAtMs, keepUntilMs }: ReplayMark): GuardAnswer => {
    const nowMs = Date.now() + aheadMs;
    if (!beginsAnew) for (const [name, endMs] of known) if (endMs <= nowMs) known.delete(name);
    const name = `${step} ${id}`;
    if (known.has(name)) return 'replayed';
    if (expiresAtMs <= nowMs) return 'stale';
    known.set(name, keepUntilMs);
    return 'fresh';
  };
  return {
    open: () => ({ remember: async (marks) => marks.map(use) }),
    moveClock: (byMs) => {
      aheadMs += byMs;
      if (beginsAnew && byMs < 0) known.clear();
    },
  };
}

describe('the suite for guards whose clock can be moved', () => {
  const open = () => new MapStore().open();
  const others = new Set(guardConformance(open).map(({ name }) => name));

  for (const [fault, withClock] of Object.entries(CLOCK_FAULTS)) {
    it(`finds a guard that ${fault}`, async () => {
      const cases = guardConformance(open, { withClock }).filter(({ name }) => !others.has(name));
      const results = await Promise.allSettled(cases.map(({ run }) => run()));
      expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    });
  }
});
