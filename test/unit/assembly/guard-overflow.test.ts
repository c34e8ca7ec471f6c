/**
 * A bucket of the guard that is full passes on to the next, and the last one to the first.
 *
 * Bytes 8 to 11 of the MAC, a little-endian number, pick the bucket in proportion. So tokens whose
 * MAC has 255 there, in its upper byte, all go to the last bucket of a table that is not larger
 * than 256 of them.
 */
import { describe, expect, it } from 'vitest';
import { harness } from '../token/harness.js';
import { JID, STEP, tokenOf } from '../token/reference.js';

const pickOf = (token: string) => Buffer.from(token.slice(41), 'base64').readUInt8(11);

/** Tokens of a step that all go to the first bucket, or all to the last. */
function tokensFor(step: number, pick: number, count: number): string[] {
  const found: string[] = [];
  for (let nonce = 0; found.length < count; nonce++) {
    const token = tokenOf({ step, nonce });
    if (pickOf(token) === pick) found.push(token);
  }
  return found;
}

describe('tokens that all pick one bucket', () => {
  for (const [name, pick] of [
    ['the first', 0],
    ['the last', 255],
  ] as const) {
    for (const capacity of [8, 40]) {
      it(`are accepted once each, ${capacity} of them in every step of the window: ${name}`, async () => {
        const { verifier } = await harness({
          window: { past: 1, future: 1 },
          replay: { capacity },
        });
        const steps = [STEP - 1, STEP, STEP + 1].map((step) => tokensFor(step, pick, capacity + 2));
        const codesOf = (tokens: readonly string[]) =>
          tokens.map((token) => verifier.verify(JID, token).code);
        const expected = (code: string) => [
          ...Array.from({ length: capacity }, () => code),
          'guard-unavailable',
          'guard-unavailable',
        ];
        for (const tokens of steps) expect(codesOf(tokens)).toEqual(expected('accepted'));
        for (const tokens of steps) expect(codesOf(tokens)).toEqual(expected('replayed'));
        expect(verifier.replay.generations.map(({ entries }) => entries)).toEqual(
          steps.map(() => capacity),
        );
      });
    }
  }

  it('stay in their step: the first bucket of the next step gets none from the last one', async () => {
    const { verifier } = await harness({
      window: { past: 1, future: 1 },
      replay: { capacity: 40 },
    });
    const steps = [STEP - 1, STEP, STEP + 1];
    const tokens = [255, 0].flatMap((pick) => steps.flatMap((step) => tokensFor(step, pick, 10)));
    const codes = () => tokens.map((token) => verifier.verify(JID, token).code);
    expect(codes()).toEqual(tokens.map(() => 'accepted'));
    expect(codes()).toEqual(tokens.map(() => 'replayed'));
  });

  it('are accepted once in a batch, where buckets are read ahead', async () => {
    const { verifier } = await harness({ replay: { capacity: 20 } });
    const tokens = tokensFor(STEP + 1, 255, 20);
    const jids = tokens.map(() => JID);
    expect(verifier.verifyBatch(jids, tokens).accepted).toBe(20);
    expect([...verifier.verifyBatch(jids, tokens).codes]).toEqual(tokens.map(() => 5));
  });
});
