/**
 * Nothing that a guard does with the question, or later with its answer, lets a token in that it
 * did not call fresh.
 */
import { describe, expect, it } from 'vitest';
import {
  createGuardedVerifier,
  type GuardAnswer,
  type GuardedOptions,
  type ReplayGuard,
  type ReplayMark,
} from '../../../src/index.js';
import { JID, KEYS, OTHER_KEYS, PERIOD_MS, STEP, tokenOf } from '../token/reference.js';

const make = (guard: ReplayGuard, options: Partial<GuardedOptions> = {}) =>
  createGuardedVerifier({
    hosts: { 'example.com': KEYS },
    clock: () => (STEP + 0.5) * PERIOD_MS,
    replay: { capacity: 100 },
    guard,
    ...options,
  });

/** A guard that answers when it is told to. */
function slowGuard() {
  const waiting: (() => void)[] = [];
  const guard: ReplayGuard = {
    remember: (marks) =>
      new Promise((resolve) => waiting.push(() => resolve(marks.map(() => 'fresh')))),
  };
  return { guard, answer: () => waiting.shift()?.() };
}

describe('a guard that changes the list it was given', () => {
  const tokens = [tokenOf({ nonce: 1 }), tokenOf({ nonce: 2 }), tokenOf({ nonce: 3 })];
  const used = tokens.map((token) => token.slice(41, 57)).sort()[0];
  for (const [how, change] of [
    ['sorts', (marks) => marks.sort((a, b) => (a.id < b.id ? -1 : 1))],
    ['reverses', (marks) => marks.reverse()],
    ['empties', (marks) => marks.splice(0)],
    ['rewrites', (marks) => Object.assign(marks[0]!, { id: 'other' })],
  ] as readonly (readonly [string, (marks: ReplayMark[]) => unknown])[]) {
    it(`cannot give one token the verdict of another: ${how}`, async () => {
      const guard: ReplayGuard = {
        remember: async (marks) => {
          try {
            change(marks as ReplayMark[]);
          } catch {}
          return marks.map(({ id }): GuardAnswer => (id === used ? 'replayed' : 'fresh'));
        },
      };
      const verdicts = await (await make(guard)).verifyBatch([JID, JID, JID], tokens);
      const codes = tokens.map((token) => (token.slice(41, 57) === used ? 'replayed' : 'accepted'));
      expect([...verdicts].map(({ code }) => code)).toEqual(codes);
    });
  }
});

describe('a guard’s answer against the contract', () => {
  const proxy = (answers: unknown[]) =>
    new Proxy(answers, {
      getOwnPropertyDescriptor: () => {
        throw new Error('no');
      },
    });
  let reads = 0;
  const answers: readonly (readonly [string, unknown])[] = [
    ['too long', ['fresh', 'fresh']],
    ['too short', []],
    ['a hole', new Array(1)],
    ['no array', { length: 1, 0: 'fresh' }],
    ['a text', 'fresh'],
    ['a Set', new Set(['fresh'])],
    [
      'an entry behind a getter',
      Object.defineProperty(['x'], 0, { get: () => (reads++ ? 'fresh' : 'replayed') }),
    ],
    ['a promise', [Promise.resolve('fresh')]],
    ['a String object', [new String('fresh')]],
    ['an object with toString', [{ toString: () => 'fresh' }]],
    [
      'an inherited entry',
      Object.setPrototypeOf(new Array(1), { 0: 'fresh', __proto__: Array.prototype }),
    ],
    ['a proxy that throws', proxy(['fresh'])],
  ];
  for (const [what, answer] of answers) {
    it(what, async () => {
      const verifier = await make({ remember: async () => answer as never });
      expect((await verifier.verify(JID, tokenOf())).code).toBe('guard-unavailable');
    });
  }

  it('is unavailable when one array answers two calls', async () => {
    const known = new Set<string>();
    const buffer: GuardAnswer[] = [];
    const guard: ReplayGuard = {
      remember: async (marks) => {
        buffer.length = 0;
        for (const { id } of marks) {
          buffer.push(known.has(id) ? 'replayed' : 'fresh');
          known.add(id);
        }
        return buffer;
      },
    };
    const [first, second] = [await make(guard), await make(guard)];
    const token = tokenOf({ nonce: 1 });
    await first.verify(JID, token);
    const both = await Promise.all([
      second.verify(JID, token),
      second.verify(JID, tokenOf({ nonce: 2 })),
    ]);
    expect(both.map(({ code }) => code)).toEqual(['guard-unavailable', 'guard-unavailable']);
    expect((await second.verify(JID, token)).ok).toBe(false);
  });

  it('counts once when the promise of the guard calls back twice, at once', async () => {
    const twice = () =>
      Object.assign(Promise.resolve(), {
        // biome-ignore lint/suspicious/noThenProperty: a promise that breaks the rules of promises.
        then: (take: (answers: GuardAnswer[]) => void, fail: (error: unknown) => void) => {
          take(['replayed']);
          take(['fresh']);
          fail(new Error('down'));
        },
      });
    const told: unknown[] = [];
    const verifier = await make(
      { remember: twice as never },
      { onGuardError: (error) => told.push(error) },
    );
    expect((await verifier.verify(JID, tokenOf())).code).toBe('replayed');
    expect(told).toEqual([]);
  });

  it('leaves no timer running, whether it is an answer or an error', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const answers = [
      async () => ['fresh' as const],
      async () => ['no answer' as never],
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down');
      },
    ];
    for (const [nonce, remember] of answers.entries()) {
      await (await make({ remember })).verify(JID, tokenOf({ nonce }));
    }
    expect(timers()).toBe(before);
  });

  it('may be one frozen array for any number of calls', async () => {
    const answer = Object.freeze(['fresh' as const]);
    const verifier = await make({ remember: async () => answer });
    for (let nonce = 0; nonce < 3; nonce++) {
      expect((await verifier.verify(JID, tokenOf({ nonce }))).ok).toBe(true);
    }
  });
});

describe('a removal of keys while the guard is asked', () => {
  const third = { ...OTHER_KEYS, tokenSecret: 'a third secret, of yet another key' };
  for (const [how, act, expected] of [
    ['removed with their host', (verifier) => verifier.removeHost('example.com'), 'unknown-host'],
    ['replaced by others', (verifier) => verifier.setHost('example.com', OTHER_KEYS), 'wrong-otp'],
    [
      'replaced by one with the same seed',
      (verifier) => verifier.setHost('example.com', { ...KEYS, tokenSecret: third.tokenSecret }),
      'bad-signature',
    ],
    ['disposed of', (verifier) => verifier.dispose(), 'unknown-host'],
    [
      'kept behind a new one',
      (verifier) => verifier.setHost('example.com', [OTHER_KEYS, KEYS]),
      'accepted',
    ],
    ['of another host', (verifier) => verifier.setHost('other.example', OTHER_KEYS), 'accepted'],
    [
      'removed and set again',
      (verifier) => {
        verifier.removeHost('example.com');
        verifier.setHost('example.com', KEYS);
      },
      'accepted',
    ],
  ] as readonly (readonly [
    string,
    (verifier: Awaited<ReturnType<typeof make>>) => void,
    string,
  ])[]) {
    for (const [way, ask] of [
      ['verify', async (verifier) => [await verifier.verify(JID, tokenOf())]],
      [
        'verify with bytes',
        async (verifier) => {
          const token = new TextEncoder().encode(tokenOf());
          const verdict = verifier.verify(JID, token);
          token.fill(0);
          return [await verdict];
        },
      ],
      ['verifyBatch', async (verifier) => [...(await verifier.verifyBatch([JID], [tokenOf()]))]],
      [
        'verifyLines',
        async (verifier) => {
          const lines = new TextEncoder().encode(`${JID}\t${tokenOf()}\n`);
          const verdicts = verifier.verifyLines(lines);
          lines.fill(0);
          return [...(await verdicts)];
        },
      ],
    ] as readonly (readonly [
      string,
      (
        verifier: Awaited<ReturnType<typeof make>>,
      ) => Promise<readonly { code: string; keyIndex?: number }[]>,
    ])[]) {
      it(`${how} gives ${expected}, asked by ${way}`, async () => {
        const { guard, answer } = slowGuard();
        const verifier = await make(guard);
        const verdicts = ask(verifier);
        act(verifier);
        answer();
        const [verdict] = await verdicts;
        expect(verdict!.code).toBe(expected);
        if (how === 'kept behind a new one') expect(verdict!.keyIndex).toBe(1);
      });
    }
  }
});

describe('an answer that comes after the window has moved on', () => {
  for (const [steps, tokenStep, code] of [
    [1, STEP - 1, 'stale'],
    [1, STEP, 'accepted'],
    [2, STEP, 'stale'],
    [2, STEP + 1, 'accepted'],
    [3, STEP + 1, 'stale'],
    [1000, STEP + 1, 'stale'],
  ] as const) {
    it(`by ${steps} makes a token of step ${tokenStep - STEP} ${code}`, async () => {
      let now = STEP;
      const { guard, answer } = slowGuard();
      const verifier = await make(guard, { clock: () => now * PERIOD_MS });
      const verdict = verifier.verify(JID, tokenOf({ step: tokenStep }));
      now += steps;
      answer();
      expect((await verdict).code).toBe(code);
    });
  }
});

it('the verifier looks up guard and listener once, when it is made', async () => {
  let reads = 0;
  const options = {
    hosts: { 'example.com': KEYS },
    clock: () => (STEP + 0.5) * PERIOD_MS,
    get guard(): ReplayGuard {
      reads++;
      return reads === 1
        ? { remember: async (marks) => marks.map(() => 'replayed' as const) }
        : { remember: async (marks) => marks.map(() => 'fresh' as const) };
    },
  };
  const verifier = await createGuardedVerifier(options);
  expect((await verifier.verify(JID, tokenOf())).code).toBe('replayed');
  expect(reads).toBe(1);
});
