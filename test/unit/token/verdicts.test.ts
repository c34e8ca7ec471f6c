import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VERDICT_CODES } from '../../../src/index.js';
import { isOutage } from '../../../src/token/verdict.js';
import { harness } from './harness.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf, withWrongSignature } from './reference.js';

describe('a verdict', () => {
  it('is frozen', async () => {
    const { verifier } = await harness();
    expect(Object.isFrozen(verifier.verify(JID, tokenOf()))).toBe(true);
    expect(Object.isFrozen(verifier.verify(JID, tokenOf()))).toBe(true);
  });

  it('does not change with later calls', async () => {
    const { verifier, at } = await harness({ hosts: { 'example.com': [OTHER_KEYS, KEYS] } });
    const kept = [];
    for (let i = 0; i < 12; i++) {
      at(STEP + i);
      const keys = i % 2 ? KEYS : OTHER_KEYS;
      const step = STEP + i - 1 + (i % 3);
      const verdict = verifier.verify(JID, tokenOf({ keys, step, nonce: i }));
      const expected = { ok: true, code: 'accepted', step, drift: (i % 3) - 1, keyIndex: i % 2 };
      expect(verdict).toEqual(expected);
      kept.push([verdict, expected]);
    }
    for (const [verdict, expected] of kept) expect(verdict).toEqual(expected);
  });

  it('of step 0 has no negative zero', async () => {
    const { verifier, clock } = await harness({ window: { past: 0, future: 0 } });
    for (const [nonce, timeMs] of [0, -0].entries()) {
      clock.timeMs = timeMs;
      const verdict = verifier.verify(JID, tokenOf({ step: 0, nonce }));
      expect(verdict).toStrictEqual({ ok: true, code: 'accepted', step: 0, drift: 0, keyIndex: 0 });
    }
  });
});

describe('Verdicts', async () => {
  const { verifier } = await harness({ hosts: { 'example.com': [OTHER_KEYS, KEYS] } });
  const used = tokenOf({ nonce: 99 });
  verifier.verify(JID, used);
  const entries = [
    [JID, tokenOf({ step: STEP - 1 })],
    [JID, 'nonsense'],
    ['alice@other', tokenOf()],
    [JID, tokenOf({ step: STEP + 2 })],
    [JID, withWrongSignature(tokenOf())],
    [JID, used],
    [JID, tokenOf({ step: STEP + 1, keys: OTHER_KEYS })],
  ] as const;
  const expected = [
    { ok: true, code: 'accepted', step: STEP - 1, drift: -1, keyIndex: 1 },
    { ok: false, code: 'malformed' },
    { ok: false, code: 'unknown-host' },
    { ok: false, code: 'wrong-otp' },
    { ok: false, code: 'bad-signature' },
    { ok: false, code: 'replayed' },
    { ok: true, code: 'accepted', step: STEP + 1, drift: 1, keyIndex: 0 },
  ];
  const verdicts = verifier.verifyBatch(
    entries.map(([jid]) => jid),
    entries.map(([, token]) => token),
  );

  it('return a verdict by at and by the iterator', () => {
    expect([...verdicts]).toEqual(expected);
    expect(expected.map((_, i) => verdicts.at(i))).toEqual(expected);
  });

  it('hold codes as indexes of VERDICT_CODES, where 0 is accepted', () => {
    expect(verdicts.codes).toBeInstanceOf(Uint8Array);
    expect([...verdicts.codes].map((code) => VERDICT_CODES[code])).toEqual(
      expected.map(({ code }) => code),
    );
    expect(expected.map((_, i) => verdicts.code(i))).toEqual(expected.map(({ code }) => code));
  });

  it('hold step, drift and keyIndex of an accepted token like its verdict', () => {
    for (const i of [0, 6]) {
      const { step, drift, keyIndex } = expected[i]!;
      expect([verdicts.step(i), verdicts.drift(i), verdicts.keyIndex(i)]).toEqual([
        step,
        drift,
        keyIndex,
      ]);
    }
  });

  it('have a length and an accepted count', () => {
    expect([verdicts.length, verdicts.accepted]).toEqual([7, 2]);
  });

  it('find a verdict where Array.prototype.at finds it', () => {
    const indexes = [0, 6, -1, -7, 2.9, -2.9, -0.5, 7, -8, Number.NaN, -Infinity, Infinity];
    expect(indexes.map((index) => verdicts.at(index))).toEqual(
      indexes.map((index) => expected.at(index)),
    );
    expect(verdicts.at('1' as never)).toEqual(expected[1]);
    expect(verdicts.at(undefined as never)).toEqual(expected[0]);
  });

  it('throw for a field of a token that there is not, by an index from the end too', () => {
    for (const index of [-1, 7, 0.5, Number.NaN]) {
      expect(() => verdicts.code(index)).toThrow(RangeError);
      expect(() => verdicts.step(index)).toThrow(RangeError);
      expect(() => verdicts.drift(index)).toThrow(RangeError);
      expect(() => verdicts.keyIndex(index)).toThrow(RangeError);
    }
  });

  it('are an array of verdicts in JSON', () => {
    expect(JSON.parse(JSON.stringify({ verdicts }))).toEqual({ verdicts: expected });
    expect(JSON.stringify(verifier.verifyBatch([], []))).toBe('[]');
  });

  it('print how many there are of each code, in the order of VERDICT_CODES', () => {
    const text =
      'Verdicts(7) { accepted: 2, malformed: 1, unknown-host: 1, wrong-otp: 1, bad-signature: 1, replayed: 1 }';
    expect(`${verdicts}`).toBe(text);
    expect(inspect(verdicts)).toBe(text);
    expect(inspect({ deep: [[verdicts]] }, { depth: 5 })).toContain(text);
    // By its public name: Deno looks it up, and hands over its own inspect.
    const deno = (verdicts as never)[Symbol.for('Deno.customInspect')] as () => string;
    expect(deno.call(verdicts)).toBe(text);
    expect(`${verifier.verifyBatch([], [])}`).toBe('Verdicts(0) {}');
  });

  it('stay unchanged when the verifier goes on or is disposed of', async () => {
    const { verifier } = await harness();
    const kept = verifier.verifyBatch([JID], [tokenOf()]);
    verifier.verifyBatch([JID, JID], ['', '']);
    verifier.dispose();
    expect(kept.at(0)).toEqual({ ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex: 0 });
  });
});

describe('isOutage', () => {
  it("tells the rejections that are the service's fault from those of the token", () => {
    expect(VERDICT_CODES.filter(isOutage)).toEqual(['stale', 'guard-unavailable']);
  });
});
