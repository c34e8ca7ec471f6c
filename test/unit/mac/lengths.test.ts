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
/** Every byte differs from its neighbours: a byte in the wrong place shows. */
const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 167 + 13) & 0xff);

for (const { name, hash } of HASHES) {
  describe(`lengths of messages, ${name}`, () => {
    for (const algorithm of ALGORITHMS) {
      it(`${algorithm} of 0 to three blocks, every length`, () => {
        for (let length = 0; length <= 3 * BLOCK_BYTES[algorithm]; length++) {
          const computed = hex(hash(algorithm, text(length)));
          expect(computed, `${length} bytes`).toBe(hex(nodeHash(algorithm, text(length))));
        }
      });
    }
  });
}

for (const { name, mac } of MACS) {
  describe(`lengths of keys and messages, ${name}`, () => {
    for (const algorithm of ALGORITHMS) {
      // RFC 2104 §2: a key is hashed once it is longer than a block; padding (FIPS 180-4 §5.1) has
      // its own edges.
      it(`HMAC-${algorithm}, keys of 0 to 300 bytes, every length`, () => {
        for (let length = 0; length <= 300; length++) {
          const computed = hex(mac(algorithm, text(length), text(300 - length)));
          expect(computed, `${length} bytes`).toBe(
            hex(nodeMac(algorithm, text(length), text(300 - length))),
          );
        }
      });
    }

    it('any key of 0 to 300 and message of 0 to 1,000 bytes', () => {
      fc.assert(
        fc.property(algorithms, key, message, (algorithm, key, message) => {
          expect(hex(mac(algorithm, key, message))).toBe(hex(nodeMac(algorithm, key, message)));
        }),
        { numRuns: 500 },
      );
    });
  });
}
