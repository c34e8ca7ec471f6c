import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALGORITHMS,
  BLOCK_BYTES,
  HASHES,
  hex,
  MACS,
  nodeHash,
  nodeMac,
} from './implementations.js';

const algorithms = fc.constantFrom(...ALGORITHMS);
const key = fc.uint8Array({ maxLength: 300 });
const message = fc.uint8Array({ maxLength: 1000 });
/** Every byte differs from its neighbours, so that a byte in the wrong place is noticed. */
const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 167 + 13) & 0xff);

for (const { name, hash } of HASHES) {
  describe(`the hashes of ${name}`, () => {
    for (const algorithm of ALGORITHMS) {
      it(`equal node:crypto's ${algorithm} for every length from 0 to three blocks`, () => {
        for (let length = 0; length <= 3 * BLOCK_BYTES[algorithm]; length++) {
          const computed = hex(hash(algorithm, text(length)));
          expect(computed, `${length} bytes`).toBe(hex(nodeHash(algorithm, text(length))));
        }
      });
    }
  });
}

for (const { name, mac } of MACS) {
  describe(`the MACs of ${name}`, () => {
    for (const algorithm of ALGORITHMS) {
      // RFC 2104 §2: a key is hashed once it is longer than a block; padding (FIPS 180-4 §5.1) has
      // its own edges.
      it(`equal node:crypto's HMAC-${algorithm} for every key from 0 to 300 bytes`, () => {
        for (let length = 0; length <= 300; length++) {
          const computed = hex(mac(algorithm, text(length), text(300 - length)));
          expect(computed, `${length} bytes`).toBe(
            hex(nodeMac(algorithm, text(length), text(300 - length))),
          );
        }
      });
    }

    it('equal those of node:crypto for any key to 300 and message to 1,000 bytes', () => {
      fc.assert(
        fc.property(algorithms, key, message, (algorithm, key, message) => {
          expect(hex(mac(algorithm, key, message))).toBe(hex(nodeMac(algorithm, key, message)));
        }),
        { numRuns: 500 },
      );
    });
  });
}
