import { describe, expect, it } from 'vitest';
import { createIssuer, createVerifier, generateKeys } from '../../../src/index.js';
import { decodeBase32, JID } from './reference.js';

describe('generateKeys', () => {
  it('returns 160 bits of seed and 256 of secret, in base32 without padding', () => {
    const { otpSeed, tokenSecret } = generateKeys();
    expect(otpSeed).toMatch(/^[A-Z2-7]{32}$/);
    expect(tokenSecret).toMatch(/^[A-Z2-7]{52}$/);
    expect(decodeBase32(otpSeed)).toHaveLength(20);
    expect(decodeBase32(tokenSecret)).toHaveLength(32);
  });

  it('returns other keys each time', () => {
    const made = Array.from({ length: 1000 }, generateKeys);
    const texts = made.flatMap(({ otpSeed, tokenSecret }) => [otpSeed, tokenSecret.slice(0, 32)]);
    expect(new Set(texts).size).toBe(2000);
  });

  it('sets and clears every bit over time', () => {
    const made = Array.from({ length: 200 }, generateKeys);
    for (const [name, bytes] of [
      ['otpSeed', 20],
      ['tokenSecret', 32],
    ] as const) {
      const all = made.map((keys) => decodeBase32(keys[name]));
      for (let bit = 0; bit < bytes * 8; bit++) {
        const ones = all.filter((value) => (value[bit >> 3]! >> (bit & 7)) & 1).length;
        // 200 tosses of a coin: less than 40 heads or tails come once in 10^18.
        expect(ones, `${name}, bit ${bit}`).toBeGreaterThan(39);
        expect(ones, `${name}, bit ${bit}`).toBeLessThan(161);
      }
    }
  });

  it('returns keys that issuer and verifier take', async () => {
    const hosts = { 'example.com': generateKeys() };
    const clock = () => 0;
    const [issuer, verifier] = await Promise.all([
      createIssuer({ hosts, clock }),
      createVerifier({ hosts, clock, replay: { capacity: 1 } }),
    ]);
    expect(verifier.verify(JID, issuer.issue(JID)).code).toBe('accepted');
  });
});
