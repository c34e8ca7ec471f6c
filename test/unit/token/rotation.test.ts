import { describe, expect, it } from 'vitest';
import type { HostKeys } from '../../../src/index.js';
import { harness } from './harness.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf, withWrongSignature } from './reference.js';

const THIRD: HostKeys = { otpSeed: 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U', tokenSecret: 'third' };
const SAME_SEED: HostKeys = { ...KEYS, tokenSecret: 'another secret under the same seed' };
const SAME_SECRET: HostKeys = { ...THIRD, tokenSecret: KEYS.tokenSecret };

const withKeys = (...keys: HostKeys[]) => harness({ hosts: { 'example.com': keys } });

describe('several keys a host', () => {
  for (const [name, keys] of [
    ['two', [OTHER_KEYS, KEYS]],
    ['three', [THIRD, OTHER_KEYS, KEYS]],
    ['two with one seed', [SAME_SEED, KEYS]],
    ['two with one secret', [SAME_SECRET, KEYS]],
    ['three, two of them with one seed', [SAME_SEED, THIRD, KEYS]],
    ['sixteen', Array.from({ length: 16 }, (_, i) => ({ ...KEYS, tokenSecret: `secret ${i}` }))],
  ] as const) {
    it(`verify with each, and keyIndex says with which: ${name}`, async () => {
      const { verifier } = await withKeys(...keys);
      for (const [keyIndex, key] of keys.entries()) {
        for (const drift of [-1, 0, 1]) {
          const verdict = verifier.verify(JID, tokenOf({ keys: key, step: STEP + drift }));
          expect(verdict).toEqual({
            ok: true,
            code: 'accepted',
            step: STEP + drift,
            drift,
            keyIndex,
          });
        }
      }
    });

    it(`give the same verdicts in a batch: ${name}`, async () => {
      const { verifier } = await withKeys(...keys);
      const tokens = keys.flatMap((key) =>
        [-1, 0, 1].map((drift) => tokenOf({ keys: key, step: STEP + drift })),
      );
      const verdicts = verifier.verifyBatch(
        tokens.map(() => JID),
        tokens,
      );
      expect([...verdicts].map((verdict) => verdict.code)).toEqual(tokens.map(() => 'accepted'));
      expect(tokens.map((_, i) => verdicts.keyIndex(i))).toEqual(keys.flatMap((_, i) => [i, i, i]));
    });
  }

  it('give bad-signature for an OTP of one key and the signature of another', async () => {
    const { verifier } = await withKeys(OTHER_KEYS, KEYS);
    const mixed = tokenOf({ keys: { ...KEYS, tokenSecret: OTHER_KEYS.tokenSecret } });
    expect(verifier.verify(JID, mixed).code).toBe('bad-signature');
    expect(verifier.verifyBatch([JID, JID, JID, JID], [mixed, mixed, mixed, mixed]).accepted).toBe(
      0,
    );
  });

  it('give bad-signature for a wrong signature under a seed that two keys share', async () => {
    const { verifier } = await withKeys(SAME_SEED, KEYS);
    expect(verifier.verify(JID, withWrongSignature(tokenOf())).code).toBe('bad-signature');
  });

  it('share the replay state', async () => {
    const { verifier } = await withKeys(SAME_SEED, KEYS);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
    expect(verifier.verify(JID, tokenOf()).code).toBe('replayed');
  });

  it('use the first for both when the same key stands twice', async () => {
    const { verifier } = await withKeys(KEYS, KEYS);
    expect(verifier.verify(JID, tokenOf())).toMatchObject({ code: 'accepted', keyIndex: 0 });
    expect(verifier.verify(JID, tokenOf()).code).toBe('replayed');
  });
});

describe('rotation while running', () => {
  it('rejects no login from [next, current] to [next], and ends the old key', async () => {
    const { verifier, at } = await harness();
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
    verifier.setHost('example.com', [OTHER_KEYS, KEYS]);
    expect(verifier.verify(JID, tokenOf({ nonce: 1 }))).toMatchObject({
      code: 'accepted',
      keyIndex: 1,
    });
    expect(verifier.verify(JID, tokenOf({ keys: OTHER_KEYS }))).toMatchObject({
      code: 'accepted',
      keyIndex: 0,
    });
    at(STEP + 2);
    verifier.setHost('example.com', OTHER_KEYS);
    expect(verifier.verify(JID, tokenOf({ step: STEP + 2 })).code).toBe('wrong-otp');
    expect(verifier.verify(JID, tokenOf({ keys: OTHER_KEYS, step: STEP + 2 })).code).toBe(
      'accepted',
    );
  });

  it('keeps the guard’s memory: a used token is replayed after rotation and back', async () => {
    const { verifier } = await harness();
    const used = tokenOf();
    verifier.verify(JID, used);
    verifier.setHost('example.com', OTHER_KEYS);
    expect(verifier.verify(JID, used).code).toBe('wrong-otp');
    verifier.setHost('example.com', KEYS);
    expect(verifier.verify(JID, used).code).toBe('replayed');
    verifier.setHost('example.com', [OTHER_KEYS, KEYS]);
    expect(verifier.verify(JID, used).code).toBe('replayed');
  });

  it('keeps the guard’s memory when the host was removed and set again', async () => {
    const { verifier } = await harness();
    const used = tokenOf();
    verifier.verify(JID, used);
    expect(verifier.removeHost('example.com')).toBe(true);
    expect(verifier.verify(JID, used).code).toBe('unknown-host');
    verifier.setHost('example.com', KEYS);
    expect(verifier.verify(JID, used).code).toBe('replayed');
    expect(verifier.verify(JID, tokenOf({ nonce: 1 })).code).toBe('accepted');
  });

  it('accepts a token that was rejected while its key was missing', async () => {
    const { verifier } = await harness({ hosts: { 'example.com': OTHER_KEYS } });
    const early = tokenOf();
    expect(verifier.verify(JID, early).code).toBe('wrong-otp');
    verifier.setHost('example.com', [OTHER_KEYS, KEYS]);
    expect(verifier.verify(JID, early).code).toBe('accepted');
  });

  it('keeps the old keys of a host that is set with unusable keys', async () => {
    const { verifier } = await harness();
    expect(() =>
      verifier.setHost('example.com', [OTHER_KEYS, { ...KEYS, otpSeed: '1' }]),
    ).toThrow();
    expect(() => verifier.setHost('example.com', [])).toThrow();
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
    expect(verifier.verify(JID, tokenOf({ keys: OTHER_KEYS })).code).toBe('wrong-otp');
  });
});
