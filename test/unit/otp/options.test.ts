import { describe, expect, it } from 'vitest';
import { VerifierError } from '../../../src/errors.js';
import { createTotp } from '../../../src/otp/create-totp.js';
import { type HotpOptions, hotp } from '../../../src/otp/hotp.js';
import { checkWindow } from '../../../src/otp/options.js';
import {
  type TotpCodeOptions,
  totp,
  type VerifyTotpOptions,
  verifyTotp,
} from '../../../src/otp/totp.js';
import { type VerifyHotpOptions, verifyHotp } from '../../../src/otp/verify-hotp.js';
import { RFC_SECRET as secret, thrownBy } from './reference.js';

const COMMON = [
  ['digits', { digits: 5 }],
  ['digits', { digits: 11 }],
  ['digits', { digits: 6.5 }],
  ['digits', { digits: '8' }],
  ['digits', { digits: null }],
  ['digits', { digits: Number.NaN }],
  ['algorithm', { algorithm: 'SHA-384' }],
  ['algorithm', { algorithm: ' SHA-1' }],
  ['algorithm', { algorithm: 'MD5' }],
  ['algorithm', { algorithm: null }],
  ['algorithm', { algorithm: ['SHA-1'] }],
  ['algorithm', { algorithm: 'constructor' }],
  ['secret', { secret: undefined }],
  ['secret', { secret: null }],
  ['secret', { secret: '' }],
  ['secret', { secret: '= -' }],
  ['secret', { secret: 'A' }],
  ['secret', { secret: 'not base32!' }],
  ['secret', { secret: new Uint8Array() }],
  ['secret', { secret: [1, 2, 3] }],
  ['secret', { secret: new ArrayBuffer(20) }],
  ['secret', { secret: new Uint16Array(10) }],
  ['options.digit', { digit: 6 }],
  ['options.key', { key: 'x' }],
] as const;

const COUNTERS = [
  undefined,
  null,
  -1,
  -1n,
  0.5,
  2 ** 53,
  2n ** 64n,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '0',
  true,
];

const TIMES = [
  ['period', { period: 0 }],
  ['period', { period: -30 }],
  ['period', { period: 29.5 }],
  ['period', { period: 86_401 }],
  ['period', { period: 1000 }],
  ['period', { period: 30_000 }],
  ['period', { period: 60_000_000 }],
  ['period', { period: '30' }],
  ['t0', { t0: 0.5 }],
  ['t0', { t0: 2 ** 53 }],
  ['t0', { t0: '0' }],
  ['t0', { t0: Number.NaN }],
] as const;

const WINDOWS = [
  ['window', { window: 1 }],
  ['window', { window: null }],
  ['window', { window: '1' }],
  ['window.past', { window: { past: -1 } }],
  ['window.past', { window: { past: 11 } }],
  ['window.past', { window: { past: 0.5 } }],
  ['window.past', { window: { past: '1' } }],
  ['window.future', { window: { future: 11 } }],
  ['window.future', { window: { future: Number.POSITIVE_INFINITY } }],
  ['window.futrue', { window: { futrue: 1 } }],
  ['window.0', { window: [1, 1] }],
] as const;

const USES = [
  ['lastUsedStep', { lastUsedStep: null }],
  ['lastUsedStep', { lastUsedStep: -1 }],
  ['lastUsedStep', { lastUsedStep: Number.NaN }],
  ['lastUsedStep', { lastUsedStep: 1.5 }],
  ['lastUsedStep', { lastUsedStep: '1' }],
  ['lastUsedStep', { lastUsedStep: 1n }],
  ['guard', { guard: null }],
  ['guard', { guard: {} }],
  ['guard', { guard: () => true }],
  ['guard', { guard: { use: true } }],
] as const;

const CLOCKS = [
  [RangeError, -1],
  [RangeError, Number.NaN],
  [RangeError, Number.POSITIVE_INFINITY],
  [TypeError, null],
  [TypeError, '59000'],
  [TypeError, 59_000n],
  [TypeError, new Date(59_000)],
] as const;

/** Names of types, and values by which a test can be told. */
function show(options: object): string {
  return JSON.stringify(options, (_, value) =>
    ['bigint', 'function'].includes(typeof value) || Object.is(value, Number.NaN)
      ? `${value}`
      : value,
  );
}

describe.each<{
  name: string;
  call: (bad: object) => unknown;
  tables: readonly (readonly [string, object])[];
}>([
  {
    name: 'hotp',
    call: (bad) => hotp({ secret, counter: 0, ...bad } as HotpOptions),
    tables: [
      ...COMMON,
      ...COUNTERS.map((counter) => ['counter', { counter }] as const),
      ['options.period', { period: 30 }],
    ],
  },
  {
    name: 'verifyHotp',
    call: (bad) =>
      verifyHotp({ secret, code: '94287082', counter: 1, ...bad } as VerifyHotpOptions),
    tables: [
      ...COMMON,
      ...COUNTERS.map((counter) => ['counter', { counter }] as const),
      // With the look-ahead no counter may pass 2^53 - 2.
      ['counter', { counter: 5n }],
      ['counter', { counter: 2 ** 53 - 1 }],
      ['counter', { counter: 2 ** 53 - 11 }],
      ['counter', { counter: 2 ** 53 - 102, resync: { nextCode: '1' } }],
      ['lookAhead', { lookAhead: -1 }],
      ['lookAhead', { lookAhead: 101 }],
      ['lookAhead', { lookAhead: 0.5 }],
      ['lookAhead', { lookAhead: '10' }],
      ['resync', { resync: null }],
      ['resync', { resync: '399871' }],
      ['resync.codes', { resync: { codes: [] } }],
      ['resync.lookAhead', { resync: { nextCode: '1', lookAhead: 1001 } }],
      ['resync.lookAhead', { resync: { nextCode: '1', lookAhead: null } }],
      ['options.window', { window: { past: 0 } }],
    ],
  },
  {
    name: 'totp',
    call: (bad) => totp({ secret, timeMs: 59_000, ...bad } as TotpCodeOptions),
    tables: [
      ...COMMON,
      ...TIMES,
      ['options.window', { window: {} }],
      ['options.counter', { counter: 0 }],
    ],
  },
  {
    name: 'createTotp',
    call: (bad) => createTotp({ secret, ...bad }),
    tables: [...COMMON, ...TIMES, ...WINDOWS, ['options.timeMs', { timeMs: 0 }]],
  },
  {
    name: 'verifyTotp',
    call: (bad) =>
      verifyTotp({ secret, code: '94287082', timeMs: 59_000, ...bad } as VerifyTotpOptions),
    tables: [...COMMON, ...TIMES, ...WINDOWS, ...USES, ['options.otp', { otp: '94287082' }]],
  },
  {
    name: 'Totp.verify',
    call: (bad) => createTotp({ secret }).verify('94287082', { timeMs: 59_000, ...bad }),
    tables: [...USES, ['options.window', { window: {} }], ['options.time', { time: 0 }]],
  },
])('$name', ({ name, call, tables }) => {
  for (const [field, bad] of tables) {
    it(`refuses ${show(bad)} and names ${field}`, () => {
      const error = thrownBy(() => call(bad));
      expect(error).toBeInstanceOf(VerifierError);
      expect(error).toMatchObject({ code: 'ERR_OPTION', field });
      // "field: fault; fix"
      expect((error as Error).message).toMatch(
        new RegExp(`^${field.replaceAll('.', '\\.')}: [^;]+; .+$`),
      );
    });
  }

  if (name === 'verifyTotp' || name === 'Totp.verify') {
    // As databases give a step: none, a large integer, and one that is a text.
    it.each([
      [null, /lastUsedStep: is null; .*undefined/],
      [1n, /lastUsedStep: a bigint; write Number\(step\)$/],
      ['1', /lastUsedStep: a string; write Number\(step\)$/],
    ])('says what to write in place of the lastUsedStep %s', (lastUsedStep, message) =>
      expect(() => call({ lastUsedStep })).toThrow(message),
    );
  }

  it('lists the known names with an unknown one', () => {
    const message = /^options\.nonsense: unknown; known are ([a-zA-Z0-9]+, )+[a-zA-Z0-9]+$/;
    expect(() => call({ nonsense: 1 })).toThrow(message);
  });

  if (['hotp', 'verifyHotp', 'createTotp'].includes(name)) return;
  for (const [type, timeMs] of CLOCKS) {
    it(`refuses ${typeof timeMs} ${timeMs} for timeMs`, () =>
      expect(() => call({ timeMs })).toThrow(type));
  }
});

describe('options', () => {
  it('take an algorithm in the spellings of other libraries', () => {
    // RFC 6238 Appendix B, with the seeds of 32 and 64 bytes.
    const seeds = { 256: Buffer.alloc(32, '1234567890'), 512: Buffer.alloc(64, '1234567890') };
    for (const algorithm of ['SHA1', 'sha1', 'sha-1', 'HmacSHA1'] as const) {
      expect(totp({ secret, timeMs: 59_000, algorithm: algorithm as 'sha1' })).toBe('94287082');
    }
    for (const algorithm of ['SHA256', 'sha256', 'HmacSHA256'] as const) {
      expect(totp({ secret: seeds[256], timeMs: 59_000, algorithm })).toBe('46119246');
    }
    for (const algorithm of ['SHA512', 'sha512', 'HmacSHA512'] as const) {
      expect(totp({ secret: seeds[512], timeMs: 59_000, algorithm })).toBe('90693936');
    }
  });

  it('say seconds of a period in milliseconds', () => {
    expect(() => createTotp({ secret, period: 30_000 })).toThrow(
      'period: got 30000, which looks like milliseconds; write seconds, such as 30',
    );
  });

  for (const call of [hotp, totp, createTotp, verifyTotp, createTotp({ secret }).verify] as const) {
    for (const value of [null, 'JBSWY3DPEHPK3PXP', 7]) {
      it(`of ${call.name} cannot be ${typeof value}`, () => {
        const holder = createTotp({ secret });
        const run =
          call.name === 'verify'
            ? () => holder.verify('94287082', value as never)
            : () => (call as (options: never) => unknown)(value as never);
        expect(thrownBy(run)).toMatchObject({ code: 'ERR_OPTION', field: 'options' });
        expect(String(thrownBy(run))).not.toContain('JBSWY3DPEHPK3PXP');
      });
    }
  }

  it('never show a secret in a message, whatever is wrong and wherever it was written', () => {
    const leak = 'LEAK4LEAK4LEAK4LEAK4LEAK4LEAK4LE';
    const bad: readonly object[] = [
      { secret: `${leak}1` },
      { secret: { otpSeed: leak } },
      { secret: [leak] },
      { secret: 4545454545 },
      { secret: 4545454545n },
      { secret, digits: leak },
      { secret, algorithm: leak },
      { secret, period: leak },
      { secret, t0: leak },
      { secret, window: leak },
      { secret, window: { past: leak } },
      { secret: leak, nonsense: leak },
    ];
    for (const options of bad) {
      const error = thrownBy(() => createTotp(options as never)) as Error;
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(
        /LEAK4LEA|45454545/,
      );
    }
  });

  it('do not include a name that is inherited from Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'polluted', {
      value: 1,
      enumerable: true,
      configurable: true,
    });
    let code: string;
    try {
      code = hotp({ secret, counter: 1 });
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted');
    }
    expect(code).toBe('94287082');
  });

  it('include an option that the object inherits', () => {
    class Options {
      secret = secret;
      timeMs = 59_000;
      get digits() {
        return 6;
      }
      get window() {
        return { past: 0, future: 0 };
      }
    }
    const options = new Options();
    expect(totp(options)).toBe('287082');
    expect(verifyTotp({ ...options, digits: 6, code: '287082', timeMs: 75_000 }).ok).toBe(true);
    const late = Object.assign(new Options(), { code: '287082', timeMs: 75_000 });
    expect(verifyTotp(late)).toEqual({ ok: false, code: 'wrong-otp' });
  });

  it('give each side of a window its default', () => {
    expect(checkWindow(undefined, 'window')).toEqual({ past: 1, future: 1 });
    expect(checkWindow({}, 'window')).toEqual({ past: 1, future: 1 });
    expect(checkWindow({ past: 0 }, 'window')).toEqual({ past: 0, future: 1 });
    expect(checkWindow({ future: 10 }, 'window')).toEqual({ past: 1, future: 10 });
  });
});
