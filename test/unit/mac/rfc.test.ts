import { describe, expect, it } from 'vitest';
import type { Algorithm } from '../../../src/mac/hmac.js';
import rfc2202 from '../../vectors/rfc2202.json' with { type: 'json' };
import rfc4231 from '../../vectors/rfc4231.json' with { type: 'json' };
import { bytes, hex, MACS } from './implementations.js';

for (const { name, mac } of MACS) {
  for (const { source, cases } of [rfc2202, rfc4231]) {
    describe(`${source.split(',')[0]} by ${name}`, () => {
      for (const { case: number, key, message, macs } of cases) {
        for (const [algorithm, expected] of Object.entries(macs)) {
          it(`gives the HMAC-${algorithm} of case ${number}`, () => {
            const computed = hex(mac(algorithm as Algorithm, bytes(key), bytes(message)));
            // RFC 4231 prints 128 bits of case 5.
            expect(computed.slice(0, expected.length)).toBe(expected);
          });
        }
      }
    });
  }
}
