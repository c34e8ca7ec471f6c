import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Hmac } from '../../../src/mac/hmac.js';
import { codeValue } from '../../../src/otp/code-window.js';
import { createTotp, type OtpGuard, type TotpVerdict } from '../../../src/otp/create-totp.js';
import { RFC_SECRET, referenceHotp, thrownBy } from './reference.js';

const KEY = Buffer.from('12345678901234567890');
const codeOf = (step: number, digits = 8, key: Uint8Array = KEY) =>
  referenceHotp(key, BigInt(step), digits, 'SHA-1');
const accepted = (step: number, drift: number): TotpVerdict => ({
  ok: true,
  code: 'accepted',
  step,
  drift,
});
const MALFORMED = { ok: false, code: 'malformed' };
const WRONG_OTP = { ok: false, code: 'wrong-otp' };
const REPLAYED = { ok: false, code: 'replayed' };

/** A guard that remembers, and what it was asked. */
function remembering(): OtpGuard & { readonly asked: number[] } {
  const used = new Set<number>();
  const asked: number[] = [];
  return {
    asked,
    use(step) {
      asked.push(step);
      if (used.has(step)) return false;
      used.add(step);
      return true;
    },
  };
}

/** Step 100 of 30 s, and its first millisecond. */
const STEP = 100;
const START_MS = 3_000_000;

describe('codes of ten digits', () => {
  it('are truncated values of 31 bits, and a code above 32 bits does not match', () => {
    const totp = createTotp({ secret: RFC_SECRET, digits: 10 });
    const code = codeOf(STEP, 10);
    expect(totp.verify(code, { timeMs: START_MS })).toEqual(accepted(STEP, 0));
    for (const more of [2 ** 31, 2 ** 32, 2 ** 33]) {
      const other = String((Number(code) + more) % 1e10).padStart(10, '0');
      expect(totp.verify(other, { timeMs: START_MS })).toEqual(WRONG_OTP);
    }
  });

  it('match their own value only, also the greatest, and a value that no step has matches none', () => {
    expect(codeValue('0000000007', 10)).toBe(7);
    expect(codeValue('2147483647', 10)).toBe(2_147_483_647);
    expect(codeValue('2147483648', 10)).toBe(-2);
    expect(codeValue('9999999999', 10)).toBe(-2);
  });
});

it('a step before the first has no code', () => {
  const totp = createTotp({ secret: RFC_SECRET, window: { past: 3, future: 0 } });
  for (const code of ['00000000', '00000001', '00000002']) {
    expect(totp.verify(code, { timeMs: 0 })).toEqual(WRONG_OTP);
  }
  expect(totp.verify(codeOf(0), { timeMs: 0 })).toEqual(accepted(0, 0));
});

describe('Totp.verify', () => {
  const totp = createTotp({ secret: RFC_SECRET });
  const code = codeOf(STEP);

  for (const [why, timeMs, verdict] of [
    ['1 ms before its step comes into the window', START_MS - 30_001, WRONG_OTP],
    ['in the first ms of the window', START_MS - 30_000, accepted(STEP, 1)],
    ['1 ms before its step', START_MS - 1, accepted(STEP, 1)],
    ['in the first ms of its step', START_MS, accepted(STEP, 0)],
    ['in the last ms of its step', START_MS + 29_999, accepted(STEP, 0)],
    ['in the last fraction of a ms of its step', START_MS + 29_999.999, accepted(STEP, 0)],
    ['in the first ms after its step', START_MS + 30_000, accepted(STEP, -1)],
    ['in the last ms of the window', START_MS + 59_999, accepted(STEP, -1)],
    ['1 ms after the window', START_MS + 60_000, WRONG_OTP],
  ] as const) {
    it(`gives ${verdict.code} for a code ${why}`, () =>
      expect(totp.verify(code, { timeMs })).toEqual(verdict));
  }

  for (const [past, future] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [10, 10],
    [3, 7],
  ] as const) {
    it(`accepts ${past} steps of the past and ${future} of the future, and no others`, () => {
      const wide = createTotp({ secret: RFC_SECRET, window: { past, future } });
      for (let drift = -12; drift <= 12; drift++) {
        const verdict = wide.verify(codeOf(STEP + drift), { timeMs: START_MS });
        const isInside = drift >= -past && drift <= future;
        expect(verdict).toEqual(isInside ? accepted(STEP + drift, drift) : WRONG_OTP);
      }
    });
  }

  it('accepts no step before the first', () => {
    const early = createTotp({ secret: RFC_SECRET, window: { past: 10, future: 1 } });
    expect(early.verify(codeOf(0), { timeMs: 0 })).toEqual(accepted(0, 0));
    expect(early.verify(codeOf(1), { timeMs: 0 })).toEqual(accepted(1, 1));
    expect(early.verify(codeOf(0), { timeMs: 59_999 })).toEqual(accepted(0, -1));
    // -1 as a counter would wrap to 2^64 - 1.
    const wrapped = referenceHotp(KEY, 2n ** 64n - 1n, 8, 'SHA-1');
    expect(early.verify(wrapped, { timeMs: 0 })).toEqual(WRONG_OTP);
  });

  it('counts steps from t0, also from a t0 before 1970', () => {
    const late = createTotp({ secret: RFC_SECRET, t0: 1000 });
    expect(late.verify(codeOf(0), { timeMs: 1_000_000 })).toEqual(accepted(0, 0));
    expect(() => late.verify(codeOf(0), { timeMs: 999_999 })).toThrow(RangeError);
    const old = createTotp({ secret: RFC_SECRET, t0: -60 });
    expect(old.verify(codeOf(2), { timeMs: 0 })).toEqual(accepted(2, 0));
  });

  describe('of a code that two steps of the window share', () => {
    // 6 digits and 21 steps: node:crypto found the pairs, see `sharedPair`.
    const [first, second] = sharedPair();
    const wide = createTotp({ secret: RFC_SECRET, digits: 6, window: { past: 10, future: 10 } });
    const shared = codeOf(first, 6);

    it('accepts it for the later step', () => {
      for (const now of [first, second]) {
        expect(wide.verify(shared, { timeMs: now * 30_000 })).toEqual(
          accepted(second, second - now),
        );
      }
    });

    it('rejects it as replayed after the later step was used, though the earlier was not', () => {
      const use = { timeMs: first * 30_000, lastUsedStep: second };
      expect(wide.verify(shared, use)).toEqual(REPLAYED);
      expect(wide.verify(shared, { ...use, lastUsedStep: first })).toEqual(
        accepted(second, second - first),
      );
    });

    it('accepts it for the earlier step while the later is not in the window yet', () => {
      const narrow = createTotp({ secret: RFC_SECRET, digits: 6, window: { past: 0, future: 0 } });
      expect(narrow.verify(shared, { timeMs: first * 30_000 })).toEqual(accepted(first, 0));
    });
  });

  describe('of a malformed code', () => {
    const right = codeOf(STEP);
    for (const [why, bad] of [
      ['nothing', undefined],
      ['null', null],
      ['an empty text', ''],
      ['a number', Number(right)],
      ['a bigint', BigInt(right)],
      ['a boolean', true],
      ['a symbol', Symbol('code')],
      ['a function', () => right],
      ['an array that reads like the code', [right]],
      ['a String object', Object(right)],
      [
        'an object that reads like the code',
        { length: 8, charCodeAt: () => 0x30, toString: () => right },
      ],
      ['one digit less', right.slice(1)],
      ['one digit more', `${right}0`],
      ['a space behind', `${right} `],
      ['a line break behind', `${right}\n`],
      ['a space in place of a digit', ` ${right.slice(1)}`],
      ['a space in the middle', `${right.slice(0, 4)} ${right.slice(4)}`],
      ['a sign', `+${right.slice(1)}`],
      ['hex digits', 'abcdefab'],
      ['an exponent', '1e000000'],
      ['the sign below 0', '////////'],
      ['the sign above 9', '::::::::'],
      ['the dashes of a step that is not', '--------'],
      [
        'full-width digits',
        right.replace(/./g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
      ],
      ['Arabic digits', right.replace(/./g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
      [
        'characters with the low byte of its digits',
        right.replace(/./g, (d) => String.fromCharCode(0x130 + Number(d))),
      ],
      ['mathematical digits, two units each', '\u{1d7d8}\u{1d7d9}\u{1d7da}\u{1d7db}'],
      ['lone surrogates', '\ud800'.repeat(8)],
      ['NULs', '\0'.repeat(8)],
      ['a million digits', '1'.repeat(1_000_000)],
    ] as const) {
      it(`gives malformed for ${why}`, () => {
        expect(totp.verify(bad as string, { timeMs: START_MS })).toEqual(MALFORMED);
        expect(createTotp({ secret: RFC_SECRET }).verify(bad as string)).toEqual(MALFORMED);
      });
    }

    it('never throws, and gives the right verdict for any text', () => {
      const texts = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({
          unit: fc.constantFrom(...'0123456789 ') as fc.Arbitrary<string>,
          minLength: 7,
          maxLength: 9,
        }),
        fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
        fc.anything(),
      );
      const right = [codeOf(STEP - 1), codeOf(STEP), codeOf(STEP + 1)];
      fc.assert(
        fc.property(texts, (text) => {
          const verdict = totp.verify(text as string, { timeMs: START_MS });
          const isCode = typeof text === 'string' && /^[0-9]{8}$/.test(text) && text.length === 8;
          if (!isCode) expect(verdict).toEqual(MALFORMED);
          else expect(verdict.ok).toBe(right.includes(text));
        }),
        { numRuns: 2000 },
      );
    });
  });

  it('refuses a code that differs in any one digit', () => {
    for (let at = 0; at < 8; at++) {
      const digit = (Number(code[at]) + 1) % 10;
      const wrong = code.slice(0, at) + digit + code.slice(at + 1);
      expect(totp.verify(wrong, { timeMs: START_MS })).toEqual(WRONG_OTP);
    }
  });
});

describe('Totp.verify of a code that was used', () => {
  const totp = createTotp({ secret: RFC_SECRET });

  it('gives replayed for the last used step and those before it (RFC 6238 §5.2)', () => {
    for (const drift of [-1, 0, 1]) {
      const step = STEP + drift;
      const verify = (lastUsedStep: number) =>
        totp.verify(codeOf(step), { timeMs: START_MS, lastUsedStep });
      expect(verify(step - 1)).toEqual(accepted(step, drift));
      expect(verify(step)).toEqual(REPLAYED);
      expect(verify(step + 1)).toEqual(REPLAYED);
      expect(verify(Number.MAX_SAFE_INTEGER)).toEqual(REPLAYED);
    }
  });

  it('counts step 0 as a step that can be used', () => {
    expect(totp.verify(codeOf(0), { timeMs: 0, lastUsedStep: 0 })).toEqual(REPLAYED);
    expect(totp.verify(codeOf(0), { timeMs: 0 })).toEqual(accepted(0, 0));
  });

  it('gives wrong-otp, not replayed, for a wrong code', () => {
    expect(totp.verify('00000000', { timeMs: START_MS, lastUsedStep: STEP + 5 })).toEqual(
      WRONG_OTP,
    );
    expect(totp.verify('0', { timeMs: START_MS, lastUsedStep: STEP + 5 })).toEqual(MALFORMED);
  });

  it('accepts each step once with a guard', () => {
    const guard = remembering();
    const verify = (step: number) => totp.verify(codeOf(step), { timeMs: START_MS, guard });
    expect(verify(STEP + 1)).toEqual(accepted(STEP + 1, 1));
    expect(verify(STEP + 1)).toEqual(REPLAYED);
    // A guard may let an earlier step pass after a later one; `lastUsedStep` does not.
    expect(verify(STEP)).toEqual(accepted(STEP, 0));
    expect(verify(STEP)).toEqual(REPLAYED);
    expect(guard.asked).toEqual([STEP + 1, STEP + 1, STEP, STEP]);
  });

  it('asks the guard only about a code that is right and not yet replayed', () => {
    const guard = remembering();
    totp.verify('00000000', { timeMs: START_MS, guard });
    totp.verify('malformed', { timeMs: START_MS, guard });
    totp.verify(codeOf(STEP + 2), { timeMs: START_MS, guard });
    totp.verify(codeOf(STEP), { timeMs: START_MS, guard, lastUsedStep: STEP });
    expect(guard.asked).toEqual([]);
    totp.verify(codeOf(STEP), { timeMs: START_MS, guard, lastUsedStep: STEP - 1 });
    expect(guard.asked).toEqual([STEP]);
  });

  it('rethrows the error of a guard', () => {
    const fault = new Error('the store is down');
    const guard = {
      use: () => {
        throw fault;
      },
    };
    expect(thrownBy(() => totp.verify(codeOf(STEP), { timeMs: START_MS, guard }))).toBe(fault);
  });

  for (const [why, answer] of [
    ['a promise, which would be true', Promise.resolve(false)],
    ['nothing', undefined],
    ['a number', 1],
  ] as const) {
    it(`refuses a guard that answers ${why}`, () => {
      const guard = { use: () => answer } as unknown as OtpGuard;
      expect(() => totp.verify(codeOf(STEP), { timeMs: START_MS, guard })).toThrow(TypeError);
    });
  }

  it('gives the right verdict when the guard itself verifies at another time, or disposes', () => {
    const nested = createTotp({ secret: RFC_SECRET });
    const guard = {
      use: () => {
        expect(nested.verify(codeOf(7), { timeMs: 210_000 })).toEqual(accepted(7, 0));
        nested.dispose();
        return true;
      },
    };
    expect(nested.verify(codeOf(STEP - 1), { timeMs: START_MS, guard })).toEqual(
      accepted(STEP - 1, -1),
    );
  });
});

describe('the state of a Totp', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('computes each code of the window once, and for the next step only the new one', () => {
    const totp = createTotp({ secret: RFC_SECRET, window: { past: 2, future: 3 } });
    const computed = vi.spyOn(Hmac.prototype, 'code');
    const stepsOf = (timeMs: number, code = '00000000') => {
      computed.mockClear();
      totp.verify(code, { timeMs });
      return computed.mock.calls.map(([step]) => step);
    };
    expect(stepsOf(START_MS)).toEqual([98, 99, 100, 101, 102, 103]);
    expect(stepsOf(START_MS)).toEqual([]);
    expect(stepsOf(START_MS + 29_999, codeOf(STEP))).toEqual([]);
    expect(stepsOf(START_MS + 29_999, 'malformed')).toEqual([]);
    expect(stepsOf(START_MS + 30_000)).toEqual([104]);
    expect(stepsOf(START_MS + 29_999)).toEqual([98]);
    expect(stepsOf(START_MS + 120_000)).toEqual([104, 105, 106, 107]);
    expect(stepsOf(0)).toEqual([0, 1, 2, 3]);
    // A malformed code asks for no step at all.
    expect(stepsOf(START_MS, 'malformed')).toEqual([]);
  });

  it('needs one HMAC to generate a code, or no HMAC for a step of the window', () => {
    const totp = createTotp({ secret: RFC_SECRET });
    const computed = vi.spyOn(Hmac.prototype, 'code');
    expect(totp.generate(START_MS)).toBe(codeOf(STEP));
    expect(computed).toHaveBeenCalledTimes(1);
    totp.verify('00000000', { timeMs: START_MS });
    computed.mockClear();
    expect(totp.generate(START_MS + 30_000)).toBe(codeOf(STEP + 1));
    expect(computed).not.toHaveBeenCalled();
  });

  it('gives the right codes for any sequence of instants', () => {
    const moves = fc.array(
      fc.record({
        step: fc.integer({ min: 0, max: 40 }),
        offset: fc.integer({ min: -4, max: 4 }),
        generates: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    const window = fc.record({
      past: fc.integer({ min: 0, max: 3 }),
      future: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(moves, window, (sequence, { past, future }) => {
        const totp = createTotp({ secret: RFC_SECRET, window: { past, future }, digits: 10 });
        for (const { step, offset, generates } of sequence) {
          const timeMs = step * 30_000;
          if (generates) expect(totp.generate(timeMs)).toBe(codeOf(step, 10));
          const target = Math.max(0, step + offset);
          const isInside = target >= step - past && target <= step + future;
          const verdict = totp.verify(codeOf(target, 10), { timeMs });
          expect(verdict).toEqual(isInside ? accepted(target, target - step) : WRONG_OTP);
        }
        totp.dispose();
      }),
    );
  });

  it('returns each kind of rejection as one frozen object', () => {
    const totp = createTotp({ secret: RFC_SECRET });
    const other = createTotp({ secret: KEY, digits: 6 });
    for (const code of ['x', '00000000', codeOf(STEP)]) {
      const use = { timeMs: START_MS, lastUsedStep: STEP };
      const verdict = totp.verify(code, use);
      expect(totp.verify(code, use)).toBe(verdict);
      expect(Object.isFrozen(verdict)).toBe(true);
    }
    expect(other.verify('x')).toBe(totp.verify('x'));
  });

  it('keeps no accepted code, and returns no accepted verdict twice', () => {
    const totp = createTotp({ secret: RFC_SECRET });
    const verify = () => totp.verify(codeOf(STEP), { timeMs: START_MS });
    const first = verify();
    (first as { step: number }).step = 0;
    expect(verify()).toEqual(accepted(STEP, 0));
  });

  it('shows no secret in any text form', () => {
    const totp = createTotp({ secret: RFC_SECRET });
    totp.verify(totp.generate(START_MS), { timeMs: START_MS });
    const texts = [
      `${totp}`,
      JSON.stringify(totp),
      JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(totp))),
      inspect(totp, { showHidden: true, depth: null }),
      inspect(structuredClone(totp), { showHidden: true }),
      thrownBy(() => totp.generate(-1)),
    ];
    for (const text of texts) {
      for (const hidden of [RFC_SECRET, KEY.toString(), KEY.toString('hex'), codeOf(STEP)]) {
        expect(String(text)).not.toContain(hidden);
      }
    }
    expect(Reflect.ownKeys(totp)).toEqual([]);
  });

  it('copies the bytes of the secret', () => {
    const secret = Uint8Array.from(KEY);
    const totp = createTotp({ secret });
    secret.fill(0);
    expect(totp.generate(START_MS)).toBe(codeOf(STEP));
  });
});

describe('a Totp that was disposed of', () => {
  it('refuses to generate and to verify, also malformed codes, and may be disposed of again', () => {
    const totp = createTotp({ secret: RFC_SECRET });
    totp.verify(codeOf(STEP), { timeMs: START_MS });
    totp.dispose();
    totp.dispose();
    for (const call of [
      () => totp.generate(START_MS),
      () => totp.verify(codeOf(STEP), { timeMs: START_MS }),
      () => totp.verify('malformed'),
    ]) {
      expect(thrownBy(call)).toMatchObject({ name: 'VerifierError', code: 'ERR_DISPOSED' });
    }
  });

  it('is the state at the end of a block with using', () => {
    let kept: { generate(): string };
    {
      using totp = createTotp({ secret: RFC_SECRET });
      kept = totp;
      expect(totp.generate(START_MS)).toBe(codeOf(STEP));
    }
    expect(() => kept.generate()).toThrow('disposed of');
  });
});

describe('two Totp objects', () => {
  it('share no window, no settings and no last step, even with the same secret', () => {
    const wide = createTotp({ secret: RFC_SECRET, window: { past: 3, future: 3 } });
    const narrow = createTotp({ secret: RFC_SECRET, window: { past: 0, future: 0 } });
    const six = createTotp({ secret: RFC_SECRET, digits: 6, period: 60 });
    for (let step = STEP; step < STEP + 20; step++) {
      const timeMs = step * 30_000;
      expect(wide.verify(codeOf(step - 3), { timeMs })).toEqual(accepted(step - 3, -3));
      expect(narrow.verify(codeOf(step - 3), { timeMs })).toEqual(WRONG_OTP);
      expect(narrow.verify(codeOf(step), { timeMs, lastUsedStep: step })).toEqual(REPLAYED);
      expect(wide.verify(codeOf(step), { timeMs })).toEqual(accepted(step, 0));
      const slow = Math.floor(step / 2);
      expect(six.verify(codeOf(slow, 6), { timeMs })).toEqual(accepted(slow, 0));
    }
  });

  it('give the right codes in any order of calls, while others come and go', () => {
    const actions = fc.array(
      fc.record({
        who: fc.integer({ min: 0, max: 4 }),
        action: fc.constantFrom('verify', 'generate', 'verify', 'renew'),
        step: fc.integer({ min: 0, max: 30 }),
        drift: fc.integer({ min: -1, max: 1 }),
      }),
      { minLength: 20, maxLength: 60 },
    );
    fc.assert(
      fc.property(actions, (sequence) => {
        const keyOf = (who: number) => new Uint8Array(who * 40 + 1).fill(who + 1);
        const all = Array.from({ length: 5 }, (_, who) =>
          createTotp({ secret: keyOf(who), digits: 9 }),
        );
        for (const { who, action, step, drift } of sequence) {
          const totp = all[who]!;
          const timeMs = step * 30_000;
          if (action === 'renew') {
            totp.dispose();
            all[who] = createTotp({ secret: keyOf(who), digits: 9 });
            expect(() => totp.generate(timeMs)).toThrow('disposed of');
          } else if (action === 'generate') {
            expect(totp.generate(timeMs)).toBe(codeOf(step, 9, keyOf(who)));
          } else {
            const target = Math.max(0, step + drift);
            const code = codeOf(target, 9, keyOf(who));
            expect(totp.verify(code, { timeMs })).toEqual(accepted(target, target - step));
            for (let other = 0; other < all.length; other++) {
              if (other !== who) expect(all[other]!.verify(code, { timeMs })).toEqual(WRONG_OTP);
            }
          }
        }
        for (const totp of all) totp.dispose();
      }),
    );
  });
});

/**
 * The first two steps after 10 whose codes of six digits are equal and that lie at most 10 apart.
 */
function sharedPair(): [first: number, second: number] {
  const recent: string[] = [];
  for (let step = 10; ; step++) {
    const code = codeOf(step, 6);
    const at = recent.indexOf(code);
    if (at >= 0) return [step - recent.length + at, step];
    recent.push(code);
    if (recent.length > 10) recent.shift();
  }
}
