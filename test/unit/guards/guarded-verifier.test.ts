/**
 * A verifier that asks a guard: what it asks, what it makes of the answers, and what it does
 * without one.
 */
import { describe, expect, it } from 'vitest';
import {
  createGuardedVerifier,
  type GuardAnswer,
  type GuardedOptions,
  type ReplayGuard,
  verifyStream,
} from '../../../src/index.js';
import { JID, KEYS, PERIOD_MS, STEP, tokenOf, withWrongSignature } from '../token/reference.js';
import { MapStore } from './map-guard.js';
import { markOf } from './marks.js';

const NOW = () => (STEP + 0.5) * PERIOD_MS;
const utf8 = (text: string) => new TextEncoder().encode(text);

const NEVER = Number.MAX_SAFE_INTEGER;

/** Marks of the tests are of another time than the machine's, so this store takes them whenever. */
function timelessStore(): MapStore {
  const store = new MapStore();
  const open = store.open.bind(store);
  store.open = () => {
    const guard = open();
    return {
      ...guard,
      remember: (marks) =>
        guard.remember(marks.map((mark) => ({ ...mark, expiresAtMs: NEVER, keepUntilMs: NEVER }))),
    };
  };
  return store;
}

const make = (guard: ReplayGuard, options: Partial<GuardedOptions> = {}) =>
  createGuardedVerifier({
    hosts: { 'example.com': KEYS },
    clock: NOW,
    replay: { capacity: 100 },
    guard,
    ...options,
  });

const answering = (...answers: GuardAnswer[]): ReplayGuard => ({ remember: async () => answers });
const tokens = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => tokenOf({ nonce: from + i, step: STEP - 1 + (i % 3) }));

describe('a guarded verifier', () => {
  it('gives the guard the start of the signature, the step and its end', async () => {
    const asked: unknown[] = [];
    const guard: ReplayGuard = {
      remember: async (marks) => {
        asked.push(...marks);
        return marks.map(() => 'fresh');
      },
    };
    const token = tokenOf({ step: STEP - 1 });
    expect(await (await make(guard)).verify(JID, token)).toEqual({
      ok: true,
      code: 'accepted',
      step: STEP - 1,
      drift: -1,
      keyIndex: 0,
    });
    expect(asked).toEqual([markOf(token.slice(41, 57), STEP - 1)]);
  });

  for (const [answer, code] of [
    ['fresh', 'accepted'],
    ['replayed', 'replayed'],
    ['stale', 'stale'],
    ['unavailable', 'guard-unavailable'],
  ] as const) {
    it(`makes the answer ${answer} the verdict ${code}`, async () => {
      const verifier = await make(answering(answer));
      expect((await verifier.verify(JID, tokenOf())).code).toBe(code);
    });
  }

  it('asks about good tokens only, once a batch', async () => {
    const store = timelessStore();
    const verifier = await make(store.open());
    const good = tokens(20);
    const mixed = good.flatMap((token) => [token, withWrongSignature(token), 'no token']);
    const verdicts = await verifier.verifyBatch(
      mixed.map(() => JID),
      mixed,
    );
    expect(store.calls.map((marks) => marks.map(({ id }) => id))).toEqual([
      good.map((t) => t.slice(41, 57)),
    ]);
    const codes = [...verdicts].map(({ code }) => code);
    expect(codes).toEqual(good.flatMap(() => ['accepted', 'bad-signature', 'malformed']));
    expect((await verifier.verify(JID, 'no token')).code).toBe('malformed');
    expect(store.calls.length).toBe(1);
  });

  it('does not ask again about a token that it knows to be used', async () => {
    const store = timelessStore();
    const [one, two] = [await make(store.open()), await make(store.open())];
    const token = tokenOf();
    expect((await one.verify(JID, token)).code).toBe('accepted');
    expect((await one.verify(JID, token)).code).toBe('replayed');
    expect(store.calls.length).toBe(1);
    // The other one is told by the guard, and knows from then on.
    expect((await two.verify(JID, token)).code).toBe('replayed');
    expect((await two.verify(JID, token)).code).toBe('replayed');
    expect(store.calls.length).toBe(2);
  });

  it('accepts the first of two equal tokens in a batch, and asks once', async () => {
    const store = timelessStore();
    const verifier = await make(store.open());
    const [a, b] = tokens(2) as [string, string];
    const verdicts = await verifier.verifyLines(
      [a, b, a, a, b].map((token) => `${JID}\t${token}\n`).join(''),
    );
    expect([...verdicts].map(({ code }) => code)).toEqual([
      'accepted',
      'accepted',
      'replayed',
      'replayed',
      'replayed',
    ]);
    expect(store.calls.map(({ length }) => length)).toEqual([2]);
  });

  it.each([
    ['stale', 'stale'],
    ['unavailable', 'guard-unavailable'],
  ] as const)(
    'gives a token that stands twice and is %s the verdict %s both times',
    async (answer, code) => {
      const verifier = await make(answering(answer));
      const token = tokenOf();
      const verdicts = await verifier.verifyBatch([JID, JID], [token, token]);
      expect([...verdicts].map((verdict) => verdict.code)).toEqual([code, code]);
    },
  );

  it('gives the same verdicts for a batch of thousands, over parts of the core, as lines, pairs and a stream', async () => {
    const store = timelessStore();
    const verifier = await make(store.open(), { replay: { capacity: 10_000 } });
    const ways = {
      lines: (list: string[]) =>
        verifier.verifyLines(list.map((token) => `${JID}\t${token}\n`).join('')),
      pairs: (list: string[]) =>
        verifier.verifyBatch(
          list.map(() => JID),
          list,
        ),
      bytes: (list: string[]) =>
        verifier.verifyBatch(
          list.map(() => utf8(JID)),
          list.map(utf8),
        ),
    };
    for (const [i, ask] of Object.values(ways).entries()) {
      const list = tokens(2500, i * 2500);
      list[1100] = withWrongSignature(list[1100] as string);
      expect((await ask(list)).accepted).toBe(2499);
      expect(new Set((await ask(list)).codes)).toEqual(new Set([4, 5]));
    }
    const list = tokens(2500, 10_000);
    let accepted = 0;
    const chunks = list.map((token) => utf8(`${JID}\t${token}\n`));
    for await (const part of verifyStream(verifier, chunks)) accepted += part.accepted;
    expect(accepted).toBe(2500);
  });

  it('accepts a token once in a hundred calls at the same time, whatever the guard answers', async () => {
    for (const guard of [timelessStore().open(), { remember: async () => ['fresh' as const] }]) {
      const verifier = await make(guard);
      const token = tokenOf();
      const verdicts = await Promise.all(
        Array.from({ length: 100 }, () => verifier.verify(JID, token)),
      );
      expect(verdicts.filter(({ ok }) => ok).length).toBe(1);
      expect(verdicts.filter(({ code }) => code === 'replayed').length).toBe(99);
    }
  });

  it('asks the guard about a token while its preparation verifies another one', async () => {
    const store = timelessStore();
    let other: Promise<unknown> | undefined;
    const verifier = await make(store.open(), {
      prepareJid: (jid) => {
        if (jid.startsWith('ALICE')) other = verifier.verify('bob@example.com', 'no token');
        return jid.toLowerCase();
      },
    });
    const [one, two, three] = tokens(3);
    const jids = [JID, JID.toUpperCase(), JID];
    expect([...(await verifier.verifyBatch(jids, [one!, two!, three!])).codes]).toEqual([0, 0, 0]);
    expect(await other).toEqual({ ok: false, code: 'malformed' });
    expect(store.calls.flat().length).toBe(3);
    expect((await verifier.verify(JID.toUpperCase(), two!)).code).toBe('replayed');
  });

  it('accepts one of two calls though the guard answers replayed to the other one first', async () => {
    const pending: ((answers: GuardAnswer[]) => void)[] = [];
    const verifier = await make({
      remember: () => new Promise((resolve) => pending.push(resolve)),
    });
    const token = tokenOf();
    const [first, second] = [verifier.verify(JID, token), verifier.verify(JID, token)];
    pending[1]?.(['replayed']);
    expect((await second).code).toBe('replayed');
    pending[0]?.(['fresh']);
    expect((await first).code).toBe('accepted');
    expect((await verifier.verify(JID, token)).code).toBe('replayed');
    expect(pending.length).toBe(2);
  });

  it('records the tokens of a batch that no other call asks about', async () => {
    const pending: ((answers: GuardAnswer[]) => void)[] = [];
    const verifier = await make({
      remember: () => new Promise((resolve) => pending.push(resolve)),
    });
    const [a, b] = tokens(2) as [string, string];
    const [both, second] = [verifier.verifyBatch([JID, JID], [a, b]), verifier.verify(JID, b)];
    pending[0]?.(['replayed', 'replayed']);
    expect([...(await both)].map(({ code }) => code)).toEqual(['replayed', 'replayed']);
    pending[1]?.(['fresh']);
    expect((await second).code).toBe('accepted');
    expect((await verifier.verify(JID, a)).code).toBe('replayed');
    expect(pending.length).toBe(2);
  });

  it('goes on when its own memory is full', async () => {
    const verifier = await make(timelessStore().open(), { replay: { capacity: 1 } });
    for (const token of tokens(9))
      expect((await verifier.verify(JID, token)).code).toBe('accepted');
    for (const token of tokens(9))
      expect((await verifier.verify(JID, token)).code).toBe('replayed');
  });

  it('says stale without asking when its clock goes back over steps that it has dropped', async () => {
    let step = STEP;
    const store = timelessStore();
    const verifier = await make(store.open(), { clock: () => (step + 0.5) * PERIOD_MS });
    step = STEP + 3;
    expect((await verifier.verify(JID, tokenOf({ step: STEP + 3 }))).code).toBe('accepted');
    step = STEP;
    expect((await verifier.verify(JID, tokenOf({ step: STEP }))).code).toBe('stale');
    expect(store.calls.length).toBe(1);
  });
});

describe('a guard that fails', () => {
  const FAULTS: Readonly<Record<string, () => unknown>> = {
    'is rejected': () => Promise.reject(new Error('down')),
    throws: () => {
      throw new Error('down');
    },
    'answers too few': async () => [],
    'answers too many': async () => ['fresh', 'fresh'],
    'answers true': async () => [true],
    'answers nothing': () => undefined,
    'leaves an answer out': async () => new Array(1),
    'answers another word': async () => ['FRESH'],
    'never answers': () => new Promise(() => {}),
  };
  for (const [fault, remember] of Object.entries(FAULTS)) {
    it(`by ${fault} gives guard-unavailable, and onGuardError gets the error without the token`, async () => {
      const told: unknown[] = [];
      let fails = true;
      const guard = {
        remember: () => (fails ? remember() : Promise.resolve(['fresh'])),
      } as ReplayGuard;
      const onGuardError = (error: unknown) => {
        told.push(error);
        throw new Error('a listener that throws');
      };
      const verifier = await make(guard, { guardTimeoutMs: 20, onGuardError });
      const token = tokenOf();
      expect((await verifier.verify(JID, token)).code).toBe('guard-unavailable');
      expect(told).toEqual([expect.any(Error)]);
      expect(String(told[0])).not.toContain(token.slice(41, 57));
      // It is back: the token was not used up.
      fails = false;
      expect((await verifier.verify(JID, token)).code).toBe('accepted');
    });
  }

  it('with one bad answer among good ones has the whole answer refused', async () => {
    const verifier = await make({ remember: async () => ['fresh', 'FRESH'] as never });
    const { codes } = await verifier.verifyBatch([JID, JID], tokens(2));
    expect([...codes]).toEqual([7, 7]);
  });

  it('a verifier that is disposed of meanwhile accepts neither of two equal tokens', async () => {
    let answer = (_: readonly GuardAnswer[]) => {};
    const pending = new Promise<readonly GuardAnswer[]>((resolve) => {
      answer = resolve;
    });
    const verifier = await make({ remember: () => pending });
    const token = tokenOf();
    const verdicts = verifier.verifyBatch([JID, JID], [token, token]);
    verifier.dispose();
    answer(['fresh']);
    expect([...(await verdicts)].map(({ code }) => code)).toEqual(['unknown-host', 'replayed']);
  });

  it('a verifier that is disposed of meanwhile still answers', async () => {
    let answer = (_: readonly GuardAnswer[]) => {};
    const pending = new Promise<readonly GuardAnswer[]>((resolve) => {
      answer = resolve;
    });
    const verifier = await make({ remember: () => pending });
    const verdict = verifier.verify(JID, tokenOf());
    verifier.dispose();
    answer(['fresh']);
    expect((await verdict).code).toBe('unknown-host');
    await expect(verifier.verify(JID, tokenOf())).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

describe('bad options', () => {
  for (const [field, options] of [
    ['guard', { guard: undefined }],
    ['guard', { guard: {} }],
    ['guardTimeoutMs', { guardTimeoutMs: 0 }],
    ['guardTimeoutMs', { guardTimeoutMs: Number.NaN }],
    ['onGuardError', { onGuardError: 'log' }],
    ['replay.capacity', { replay: { capacity: 0 } }],
    ['options.guards', { guards: [] }],
  ] as const) {
    it(`give one error that names ${field}`, async () => {
      await expect(make(answering(), options as never)).rejects.toMatchObject({
        code: 'ERR_OPTION',
        field,
      });
    });
  }

  for (const options of [undefined, null, 7, 'guard']) {
    it(`of ${options} give an error that names options`, async () => {
      await expect(createGuardedVerifier(options as never)).rejects.toMatchObject({
        code: 'ERR_OPTION',
        field: 'options',
      });
    });
  }

  it('give an error that lists the guard’s options beside the verifier’s for a misspelt name', async () => {
    await expect(make(answering(), { gaurdTimeoutMs: 5 } as never)).rejects.toMatchObject({
      field: 'options.gaurdTimeoutMs',
      message: expect.stringMatching(
        /known are hosts, .*replay, guard, guardTimeoutMs, onGuardError$/,
      ),
    });
  });

  it('are found where an object inherits them', async () => {
    const options = Object.create({
      hosts: { 'example.com': KEYS },
      clock: NOW,
      guard: answering('fresh'),
    });
    expect((await (await createGuardedVerifier(options)).verify(JID, tokenOf())).code).toBe(
      'accepted',
    );
  });
});
