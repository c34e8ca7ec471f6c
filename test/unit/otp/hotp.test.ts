import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Algorithm } from '../../../src/mac/hmac.js';
import { createHmac } from '../../../src/mac/hmac.js';
import { hotp } from '../../../src/otp/hotp.js';
import pyotp from '../../vectors/pyotp.json' with { type: 'json' };
import rfc4226 from '../../vectors/rfc4226.json' with { type: 'json' };
import { ALGORITHMS, RFC_SECRET, referenceHotp } from './reference.js';

describe('hotp', () => {
  const secret = Buffer.from(rfc4226.secretHex, 'hex');

  for (const { count, hmac, truncatedHex, truncatedDecimal, hotp: code } of rfc4226.cases) {
    it(`gives ${code} for count ${count}, RFC 4226 Appendix D`, () => {
      const message = new Uint8Array(8);
      new DataView(message.buffer).setBigUint64(0, BigInt(count));
      const mac = createHmac('SHA-1', secret);
      expect(Buffer.from(mac.digest(message)).toString('hex')).toBe(hmac);
      mac.dispose();
      // Ten digits leave the truncated value whole.
      expect(Number(hotp({ secret, counter: count, digits: 10 }))).toBe(
        Number.parseInt(truncatedHex, 16),
      );
      expect(hotp({ secret, counter: count, digits: 10 })).toBe(truncatedDecimal.padStart(10, '0'));
      expect(hotp({ secret, counter: count, digits: 6 })).toBe(code);
      expect(hotp({ secret: RFC_SECRET, counter: BigInt(count), digits: 6 })).toBe(code);
    });
  }

  for (const { secret, algorithm, digits, counter, code } of pyotp.hotp) {
    it(`gives the code of pyotp: counter ${counter}, ${algorithm}, ${digits} digits is ${code}`, () => {
      const options = { secret, algorithm: algorithm as Algorithm, digits };
      expect(hotp({ ...options, counter: BigInt(counter) })).toBe(code);
      if (Number.isSafeInteger(Number(counter))) {
        expect(hotp({ ...options, counter: Number(counter) })).toBe(code);
      }
    });
  }

  it('has 8 digits and SHA-1 by default', () => {
    expect(hotp({ secret: RFC_SECRET, counter: 1 })).toBe('94287082');
    expect(hotp({ secret: RFC_SECRET, counter: 1, digits: undefined, algorithm: undefined })).toBe(
      '94287082',
    );
  });

  it('agrees with node:crypto for any secret, counter, length and hash', () => {
    const cases = fc.record({
      secret: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      counter: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      digits: fc.integer({ min: 6, max: 10 }),
      algorithm: fc.constantFrom(...ALGORITHMS),
    });
    fc.assert(
      fc.property(cases, ({ secret, counter, digits, algorithm }) => {
        const code = hotp({ secret, counter, digits, algorithm });
        expect(code).toBe(referenceHotp(secret, counter, digits, algorithm));
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves the bytes of the caller unchanged, also those of a Buffer', () => {
    for (const bytes of [Uint8Array.of(1, 2, 3), Buffer.from([1, 2, 3])]) {
      hotp({ secret: bytes, counter: 0 });
      expect([...bytes]).toEqual([1, 2, 3]);
    }
  });

  it('takes a view into a larger buffer as the bytes of the view', () => {
    const whole = new Uint8Array([9, 9, ...secret, 9]);
    expect(hotp({ secret: whole.subarray(2, 22), counter: 0, digits: 6 })).toBe('755224');
  });
});
