import { describe, expect, it } from 'vitest';
import { createIssuer, VerifierError } from '../../../src/index.js';
import { JID, KEYS } from './reference.js';

const hosts = { 'example.com': KEYS };
const DIGITS = 32;

async function nonces(
  count: number,
  randomBytes?: (target: Uint8Array) => unknown,
): Promise<string> {
  const issuer = await createIssuer({ hosts, randomBytes, clock: () => 0 });
  return Array.from({ length: count }, () => issuer.issue(JID).slice(8, 8 + DIGITS)).join('');
}

function attempt(run: () => unknown): { readonly error?: unknown } {
  try {
    run();
    return {};
  } catch (error) {
    return { error };
  }
}

/** Pearson's statistic of ten equally likely digits: 9 degrees of freedom. */
function chiSquare(digits: string): number {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const digit of digits) counts[Number(digit)]!++;
  const expected = digits.length / 10;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/**
 * Chance of more than this: below 10^-9. Bytes folded by modulo 10 without rejection give 117 on
 * average below.
 */
const BOUND = 60;

describe('nonces', () => {
  it('have ten equally likely digits, over all and at each place', async () => {
    const count = 10_000;
    const digits = await nonces(count);
    expect(chiSquare(digits)).toBeLessThan(BOUND);
    for (let place = 0; place < DIGITS; place++) {
      const column = Array.from({ length: count }, (_, i) => digits[i * DIGITS + place]).join('');
      expect(chiSquare(column), `place ${place}`).toBeLessThan(BOUND);
    }
  });

  it('would fail this test with the bias of a plain modulo', () => {
    const folded = Array.from({ length: 320_000 }, (_, i) => (i & 255) % 10).join('');
    expect(chiSquare(folded)).toBeGreaterThan(BOUND);
  });

  it('use each random byte below 250 once, modulo ten, and discard the others', async () => {
    let next = 0;
    const digits = await nonces(1000, (target) => {
      for (let i = 0; i < target.length; i++) target[i] = next++ & 255;
    });
    // Bytes 0, 1, … 255, 0, …: without 250 to 255 the digits go round and round.
    expect(digits).toBe('0123456789'.repeat(3200));
  });

  it('discard every byte from 250 on', async () => {
    const digits = await nonces(2, (target) => {
      target.fill(7);
      for (let i = 0; i < target.length; i += 2) target[i] = 250 + ((i / 2) % 6);
    });
    expect(digits).toBe('7'.repeat(64));
  });

  it('ask for more random bytes when those are used, and never use a byte twice', async () => {
    const asked: number[] = [];
    const digits = await nonces(1000, (target) => {
      asked.push(target.length);
      target.fill(asked.length);
    });
    expect(asked.every((length) => length > 0 && length <= 65_536)).toBe(true);
    const total = asked.reduce((sum, length) => sum + length, 0);
    expect(total).toBeGreaterThanOrEqual(32_000);
    const expected = asked.map((length, i) => String((i + 1) % 10).repeat(length)).join('');
    expect(digits).toBe(expected.slice(0, 32_000));
  });

  it('rethrow the error of a source that throws, and ask it again', async () => {
    let works = false;
    const issuer = await createIssuer({
      hosts,
      randomBytes: (target) => {
        if (!works) throw new Error('no entropy');
        target.fill(3);
      },
    });
    expect(() => issuer.issue(JID)).toThrow('no entropy');
    works = true;
    expect(issuer.issue(JID).slice(8, 40)).toBe('3'.repeat(32));
  });

  it('are never the zeros of a source that did not fill the array, or that fills it later', async () => {
    const fillLater = (target: Uint8Array<ArrayBuffer>) =>
      Promise.resolve().then(() => crypto.getRandomValues(target));
    const sources: readonly ((target: Uint8Array<ArrayBuffer>) => unknown)[] = [
      fillLater,
      (target) => void fillLater(target),
      // As a promise of another library that fills at once: nothing says that the next one does.
      (target) => Promise.resolve(target.fill(7)),
      () => undefined,
      () => crypto.getRandomValues(new Uint8Array(4096)),
      // Only as much as it was thought to be asked for.
      (target) => crypto.getRandomValues(target.subarray(0, 32)),
      (target) => crypto.getRandomValues(target.subarray(1000)),
      (target) => crypto.getRandomValues(target).fill(0, 2048, 2112),
    ];
    for (const randomBytes of sources) {
      const issuer = await createIssuer({ hosts, randomBytes });
      // Again, when what came late has filled the array.
      for (let i = 0; i < 3; i++) {
        const { error } = attempt(() => issuer.issue(JID));
        expect(error).toBeInstanceOf(VerifierError);
        expect(error).toMatchObject({ code: 'ERR_OPTION', field: 'randomBytes' });
        await Promise.resolve();
      }
    }
  });

  it('are taken from a source that returns a value', async () => {
    for (const answer of [undefined, null, 0, 4096, {}]) {
      expect(await nonces(1, (target) => [target.fill(5), answer][1])).toBe('5'.repeat(DIGITS));
    }
  });

  it('of two issuers differ', async () => {
    const [first, second] = await Promise.all([nonces(100), nonces(100)]);
    expect(first).not.toBe(second);
  });
});
