/**
 * The tables of FIPS 180-4, recomputed from the primes and looked for in the memory of a fresh
 * core.
 */
import { describe, expect, it } from 'vitest';
import { Core } from '../../../src/wasm/core.js';
import { moduleNow } from '../../../src/wasm/module.js';

const PRIMES = Array.from({ length: 410 }, (_, n) => n).filter((n) => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
});

/** The largest integer whose `degree`th power is not above `value`. */
function integerRoot(value: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** The first `bits` bits of the fractional part of a root of a prime. */
function fraction(prime: number, degree: bigint, bits: bigint): bigint {
  return BigInt.asUintN(Number(bits), integerRoot(BigInt(prime) << (bits * degree), degree));
}

/** Words as they stand in memory: little-endian. */
function tableOf(words: readonly bigint[], bytes: number): Buffer {
  return Buffer.concat(
    words.map((word) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64LE(word);
      return buffer.subarray(0, bytes);
    }),
  );
}

const memory = Buffer.from(new Core(moduleNow()).calls.memory.buffer);

describe('FIPS 180-4', () => {
  it('constants come from 80 primes, the last of them 409', () => {
    expect([PRIMES.length, PRIMES[0], PRIMES[79]]).toEqual([80, 2, 409]);
  });

  for (const [name, primes, degree, bits] of [
    ['§4.2.2, K of SHA-256: cube roots of 64 primes', 64, 3n, 32n],
    ['§4.2.3, K of SHA-512: cube roots of 80 primes', 80, 3n, 64n],
    ['§5.3.3, H(0) of SHA-256: square roots of 8 primes', 8, 2n, 32n],
    ['§5.3.5, H(0) of SHA-512: square roots of 8 primes', 8, 2n, 64n],
  ] as const) {
    it(name, () => {
      const words = PRIMES.slice(0, primes).map((prime) => fraction(prime, degree, bits));
      expect(memory.includes(tableOf(words, Number(bits / 8n)))).toBe(true);
    });
  }

  it('§5.3.1 has for H(0) of SHA-1 the hexadecimal digits counted up and down', () => {
    const words = ['01234567', '89abcdef', 'fedcba98', '76543210', 'f0e1d2c3'].map((text) =>
      Buffer.from(text, 'hex'),
    );
    expect(memory.includes(Buffer.concat(words))).toBe(true);
  });
});
