import { describe, expect, it } from 'vitest';
import { createHmac, hash, hmac } from '../../../src/mac/hmac.js';
import { sharedCore } from '../../../src/wasm/core.js';
import { ALGORITHMS, hex, nodeHash, nodeMac } from './implementations.js';

const INPUT = sharedCore().input.length;
const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
const KEY = text(32);

describe('data around the size of the core’s input', () => {
  it('is of nearly 128 KiB', () => {
    expect(INPUT).toBe(128 * 1024 - 256);
  });

  for (const algorithm of ALGORITHMS) {
    for (const length of [INPUT - 1, INPUT, INPUT + 1, 2 * INPUT, 2 * INPUT + 1, 1_000_003]) {
      it(`has the right ${algorithm} and HMAC as a message of ${length} bytes`, () => {
        const message = text(length);
        expect(hex(hash(algorithm, message))).toBe(hex(nodeHash(algorithm, message)));
        expect(hex(hmac(algorithm, KEY, message))).toBe(hex(nodeMac(algorithm, KEY, message)));
      });

      it(`has the right HMAC-${algorithm} as a key of ${length} bytes`, () => {
        const key = text(length);
        expect(hex(hmac(algorithm, key, 'message'))).toBe(
          hex(nodeMac(algorithm, key, Buffer.from('message'))),
        );
      });
    }
  }

  it('leaves a held key as it was', () => {
    using mac = createHmac('SHA-256', KEY);
    const before = hex(mac.digest('short'));
    mac.digest(text(INPUT + 70));
    expect(hex(mac.digest('short'))).toBe(before);
  });
});
