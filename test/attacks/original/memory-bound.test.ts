/** The original: "Memory: 312 bytes of heap a JID, never freed." */
import { describe, expect, it } from 'vitest';
import { memoryOf } from '../../unit/assembly/memory-of.js';
import { harness } from '../../unit/token/harness.js';
import { STEP, tokenOf } from '../../unit/token/reference.js';

describe('the memory of accepted tokens', () => {
  it('is laid out at the start and does not grow, for any number of jids and steps', async () => {
    const { made, memory } = await memoryOf(() => harness({ replay: { capacity: 500 } }));
    const { verifier, at } = made;
    const before = [memory.buffer, verifier.replay.bytes];
    for (let i = 0; i < 40_000; i++) {
      at(STEP + Math.floor(i / 500));
      const jid = `user${i}@example.com`;
      expect(verifier.verify(jid, tokenOf({ jid, step: STEP + Math.floor(i / 500) })).code).toBe(
        'accepted',
      );
    }
    // A memory that grows gets another buffer.
    expect([memory.buffer, verifier.replay.bytes]).toEqual(before);
    expect(memory.buffer).toBe(before[0]);
  });

  it('does not grow past its capacity: the verdict is guard-unavailable', async () => {
    const { made, memory } = await memoryOf(() => harness({ replay: { capacity: 100 } }));
    const before = memory.buffer;
    const codes = Array.from(
      { length: 5000 },
      (_, nonce) =>
        made.verifier.verify('a@example.com', tokenOf({ jid: 'a@example.com', nonce })).code,
    );
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(100);
    expect(codes.slice(100).every((code) => code === 'guard-unavailable')).toBe(true);
    expect(memory.buffer).toBe(before);
  });

  it('takes no entry for an outsider, who has no good signature', async () => {
    const { verifier } = await harness({ replay: { capacity: 1 } });
    for (let nonce = 0; nonce < 1000; nonce++) {
      const forged = tokenOf({
        nonce,
        keys: { otpSeed: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', tokenSecret: 'guess' },
      });
      expect(verifier.verify('alice@example.com', forged).code).toBe('bad-signature');
    }
    expect(verifier.replay.generations).toEqual([]);
    expect(verifier.verify('alice@example.com', tokenOf()).code).toBe('accepted');
  });
});
