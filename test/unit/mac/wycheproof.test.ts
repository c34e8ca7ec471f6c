import { describe, expect, it } from 'vitest';
import sha1 from '../../vectors/wycheproof-hmac-sha1.json' with { type: 'json' };
import sha256 from '../../vectors/wycheproof-hmac-sha256.json' with { type: 'json' };
import sha512 from '../../vectors/wycheproof-hmac-sha512.json' with { type: 'json' };
import { bytes, hex, MACS } from './implementations.js';

for (const { name, mac } of MACS) {
  for (const [algorithm, { tests }] of [
    ['SHA-1', sha1],
    ['SHA-256', sha256],
    ['SHA-512', sha512],
  ] as const) {
    describe(`Wycheproof HMAC-${algorithm} by ${name}`, () => {
      it('has valid and invalid vectors', () => {
        expect(tests.filter(({ result }) => result === 'valid').length).toBeGreaterThan(30);
        expect(tests.filter(({ result }) => result === 'invalid').length).toBeGreaterThan(50);
      });

      for (const { tcId, comment, key, msg, tag, tagBits, result } of tests) {
        it(`finds vector ${tcId} ${result} (${comment}, ${tagBits} bits)`, () => {
          const computed = hex(mac(algorithm, bytes(key), bytes(msg)).subarray(0, tagBits / 8));
          expect(computed === tag).toBe(result === 'valid');
        });
      }
    });
  }
}
