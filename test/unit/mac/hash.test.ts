import { describe, expect, it } from 'vitest';
import nist from '../../vectors/nist-sha.json' with { type: 'json' };
import { ALGORITHMS, HASHES, hex } from './implementations.js';

for (const { name, hash } of HASHES) {
  describe(`FIPS 180-4 by ${name}`, () => {
    for (const { name: which, text, repeat, digests } of nist.cases) {
      for (const algorithm of ALGORITHMS) {
        it(`computes the ${algorithm} of ${which} that NIST gives`, () => {
          const message = new TextEncoder().encode(text.repeat(repeat));
          expect(hex(hash(algorithm, message))).toBe(digests[algorithm]);
        });
      }
    }
  });
}
