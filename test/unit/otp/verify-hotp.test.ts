import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hotp } from '../../../src/otp/hotp.js';
import { type HotpVerdict, verifyHotp } from '../../../src/otp/verify-hotp.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import rfc4226 from '../../vectors/rfc4226.json' with { type: 'json' };
import { referenceHotp, RFC_SECRET as secret } from './reference.js';

const WRONG = { ok: false, code: 'wrong-otp' };
const MALFORMED = { ok: false, code: 'malformed' };
const at = (counter: number, used = 1) => ({
  ok: true,
  code: 'accepted',
  counter,
  nextCounter: counter + used,
});
const codes = rfc4226.cases.map((row) => row.hotp);
const key = { secret, digits: 6, counter: 0 };
const MAX = Number.MAX_SAFE_INTEGER;

describe('verifyHotp', () => {
  for (const { count, hotp: code } of rfc4226.cases) {
    it(`accepts ${code} at count ${count} and gives the next counter, RFC 4226 Appendix D`, () => {
      for (let counter = 0; counter <= count; counter++) {
        expect(verifyHotp({ ...key, counter, code })).toEqual(at(count));
      }
      // Used up, or just beyond the look-ahead.
      expect(verifyHotp({ ...key, counter: count + 1, code })).toEqual(WRONG);
      if (count > 0) expect(verifyHotp({ ...key, lookAhead: count - 1, code })).toEqual(WRONG);
      expect(verifyHotp({ ...key, lookAhead: count, code })).toEqual(at(count));
    });
  }

  for (const { secret, algorithm, digits, counter, code } of pyotp.hotp) {
    const stored = Number(counter);
    if (stored > MAX - 11) continue;
    it(`accepts the code of pyotp: counter ${counter}, ${algorithm}, ${digits} digits`, () => {
      const options = { secret, algorithm: algorithm as 'SHA-1', digits, code };
      expect(verifyHotp({ ...options, counter: stored })).toEqual(at(stored));
    });
  }

  it('accepts each code once where the counter is stored', () => {
    let counter = 0;
    const sent = [0, 0, 1, 4, 3, 4, 9, 9].map((i) => {
      const verdict = verifyHotp({ ...key, counter, code: codes[i]! });
      if (verdict.ok) counter = verdict.nextCounter;
      return verdict.ok;
    });
    expect(sent).toEqual([true, false, true, true, false, false, true, false]);
    expect(counter).toBe(10);
  });

  it('gives the earliest counter of a code that several have', () => {
    // Found by counting: 6-digit codes of this secret that come back within 1000 counters.
    const seen = new Map<string, number>();
    let twin: [number, number] | undefined;
    for (let counter = 0; twin === undefined; counter++) {
      const code = referenceHotp(Buffer.from('12345678901234567890'), BigInt(counter), 6, 'SHA-1');
      const first = seen.get(code);
      if (first !== undefined && counter - first <= 100) twin = [first, counter];
      seen.set(code, counter);
    }
    const [first, second] = twin;
    const code = hotp({ secret, digits: 6, counter: first });
    expect(hotp({ secret, digits: 6, counter: second })).toBe(code);
    const lookAhead = second - first;
    expect(verifyHotp({ ...key, counter: first, lookAhead, code })).toEqual(at(first));
    expect(verifyHotp({ ...key, counter: first + 1, lookAhead, code })).toEqual(at(second));
  });

  it('looks ahead over 10 counters unless told otherwise', () => {
    const code = hotp({ secret, digits: 6, counter: 21 });
    expect(verifyHotp({ ...key, counter: 10, code })).toEqual(WRONG);
    expect(verifyHotp({ ...key, counter: 11, code })).toEqual(at(21));
  });

  it.each([
    undefined,
    null,
    755224,
    755224n,
    '',
    '75522',
    '7552244',
    ' 755224',
    '75522４',
    '7e5224',
    ['755224'],
    { length: 6 },
    Symbol('755224'),
    '7'.repeat(1_000_000),
  ])('answers malformed to the code %s, alone or as one of two', (code) => {
    const bad = code as string;
    expect(verifyHotp({ ...key, code: bad })).toEqual(MALFORMED);
    const [first, second] = codes;
    expect(verifyHotp({ ...key, code: bad, resync: { nextCode: second! } })).toEqual(MALFORMED);
    expect(verifyHotp({ ...key, code: first!, resync: { nextCode: bad } })).toEqual(MALFORMED);
  });

  it('counts as far as numbers are exact, and refuses to count further', () => {
    const counter = MAX - 1;
    const code = hotp({ secret, counter });
    expect(verifyHotp({ secret, code, counter, lookAhead: 0 })).toEqual(at(counter));
    for (const [stored, lookAhead] of [
      [MAX, 0],
      [counter, 1],
      [MAX - 10, 10],
    ] as const) {
      expect(() => verifyHotp({ secret, code, counter: stored, lookAhead })).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', field: 'counter' }),
      );
    }
  });

  it('takes a key that parseOtpauthUri gives, and none for TOTP', () => {
    const label = { account: 'alice', issuer: 'Example' };
    const options = { ...key, ...label, code: codes[0]! };
    expect(verifyHotp({ ...options, type: 'hotp' }).ok).toBe(true);
    expect(() => verifyHotp({ ...options, type: 'totp' })).toThrow('type: not hotp');
  });
});

describe('verifyHotp with resync', () => {
  const far = (counter: number) =>
    [counter, counter + 1].map((c) => hotp({ secret, digits: 6, counter: c })) as [string, string];
  const resynced = (code: string, nextCode: string, lookAhead?: number): HotpVerdict =>
    verifyHotp({ ...key, code, resync: { nextCode, lookAhead } });

  it.each([0, 1, 11, 99, 100])('finds two codes in a row from counter %i', (counter) => {
    expect(resynced(...far(counter))).toEqual(at(counter, 2));
  });

  it('looks as far as told, and no further', () => {
    expect(resynced(...far(101))).toEqual(WRONG);
    expect(resynced(...far(101), 101)).toEqual(at(101, 2));
    expect(resynced(...far(1000), 1000)).toEqual(at(1000, 2));
    expect(resynced(...far(1001), 1000)).toEqual(WRONG);
  });

  it.each([
    ['the same code twice', 20, 20],
    ['the codes in the other order', 21, 20],
    ['codes with one between', 20, 22],
    ['one code of which is wrong', 20, 5000],
    ['codes of which the first is used', -1, 0],
  ])('refuses %s', (_, first, second) => {
    const code = (counter: number) =>
      counter < 0 ? '000000' : hotp({ secret, digits: 6, counter });
    expect(resynced(code(first), code(second))).toEqual(WRONG);
  });

  it('accepts no single code, though it is the next', () => {
    expect(resynced(codes[0]!, '000000')).toEqual(WRONG);
  });

  it('agrees with a plain search, for any secret and counter', () => {
    const cases = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      counter: fc.integer({ min: 0, max: MAX - 100 }),
      ahead: fc.integer({ min: 0, max: 12 }),
      lookAhead: fc.integer({ min: 0, max: 12 }),
      isPair: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ bytes, counter, ahead, lookAhead, isPair }) => {
        const code = (i: number) => referenceHotp(bytes, BigInt(counter + i), 8, 'SHA-1');
        const used = isPair ? 2 : 1;
        const sent = Array.from({ length: used }, (_, i) => code(ahead + i));
        const tried = Array.from({ length: lookAhead + 1 }, (_, i) => i);
        const found = tried.find((i) => sent.every((each, j) => each === code(i + j)));
        const options = isPair ? { resync: { nextCode: sent[1]!, lookAhead } } : { lookAhead };
        const verdict = verifyHotp({ secret: bytes, counter, code: sent[0]!, ...options });
        expect(verdict).toEqual(found === undefined ? WRONG : at(counter + found, used));
      }),
      { numRuns: 200 },
    );
  });
});
