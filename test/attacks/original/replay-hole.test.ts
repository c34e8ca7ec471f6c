/**
 * The original: "A, then B (another OTP), then A again: accepted. Two used tokens in turn: 1000 of
 * 1000 accepted." It remembers one OTP a jid, with its nonces, and forgets them when another OTP
 * comes.
 */
import { describe, expect, it } from 'vitest';
import { harness } from '../../unit/token/harness.js';
import { JID, STEP, tokenOf } from '../../unit/token/reference.js';

describe('tokens of two steps', () => {
  it('are accepted once each: A, B, then A again is a replay', async () => {
    const { verifier } = await harness();
    const [a, b] = [tokenOf({ step: STEP - 1 }), tokenOf({ step: STEP })];
    expect([a, b, a, b, a].map((token) => verifier.verify(JID, token).code)).toEqual([
      'accepted',
      'accepted',
      'replayed',
      'replayed',
      'replayed',
    ]);
  });

  it('are never accepted again in turn, 1,000 times, one by one or in a batch', async () => {
    const { verifier } = await harness();
    const pair = [tokenOf({ step: STEP - 1 }), tokenOf({ step: STEP })];
    for (const token of pair) expect(verifier.verify(JID, token).code).toBe('accepted');
    const turns = Array.from({ length: 1000 }, (_, i) => pair[i % 2] as string);
    expect(turns.filter((token) => verifier.verify(JID, token).ok)).toEqual([]);
    expect(
      verifier.verifyBatch(
        turns.map(() => JID),
        turns,
      ).accepted,
    ).toBe(0);
  });

  it('do not free each other: the user’s next login leaves an earlier token used', async () => {
    const { verifier, at } = await harness();
    const held = tokenOf();
    expect(verifier.verify(JID, held).code).toBe('accepted');
    at(STEP + 1);
    expect(verifier.verify(JID, tokenOf({ step: STEP + 1 })).code).toBe('accepted');
    expect(verifier.verify(JID, held).code).toBe('replayed');
  });
});
