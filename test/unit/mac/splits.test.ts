import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, cut, hex, nodeHash, nodeMac, Stream } from './implementations.js';

const stream = new Stream();
const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 73 + 5) & 0xff);
const KEY = text(40);

for (const algorithm of ALGORITHMS) {
  describe(`${algorithm}`, () => {
    it('is the same wherever a message of 200, 256 or 300 bytes is cut in two', () => {
      for (const length of [200, 256, 300]) {
        const message = text(length);
        const expected = hex(nodeHash(algorithm, message));
        for (let at = 0; at <= length; at++) {
          const parts = [message.subarray(0, at), message.subarray(at)];
          expect(hex(stream.hash(algorithm, parts)), `${length} at ${at}`).toBe(expected);
        }
      }
    });

    it('gives the same MAC wherever a message of 260 bytes is cut in two', () => {
      const message = text(260);
      const expected = hex(nodeMac(algorithm, KEY, message));
      for (let at = 0; at <= 260; at++) {
        const parts = [message.subarray(0, at), message.subarray(at)];
        expect(hex(stream.mac(algorithm, KEY, parts)), `at ${at}`).toBe(expected);
      }
    });

    it('is the same for equal parts of 1 to 140 bytes', () => {
      const message = text(1000);
      const expected = hex(nodeHash(algorithm, message));
      for (let size = 1; size <= 140; size++) {
        expect(hex(stream.hash(algorithm, cut(message, size))), `parts of ${size}`).toBe(expected);
      }
    });

    it('is the same for any parts, empty ones included', () => {
      const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 150 }), parts, (key, parts) => {
          const whole = Buffer.concat(parts);
          expect(hex(stream.hash(algorithm, parts))).toBe(hex(nodeHash(algorithm, whole)));
          expect(hex(stream.mac(algorithm, key, parts))).toBe(hex(nodeMac(algorithm, key, whole)));
        }),
        { numRuns: 300 },
      );
    });
  });
}
