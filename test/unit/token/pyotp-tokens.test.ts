/** Tokens made as the original's README makes them, by pyotp and Python's hmac. */
import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../src/index.js';
import vectors from '../../vectors/pyotp-tokens.json' with { type: 'json' };
import { harness } from './harness.js';

describe(`tokens by ${vectors.source.split(';')[0]}`, () => {
  for (const { otpSeed, tokenSecret, jid, unixSeconds, token } of vectors.cases) {
    const domain = jid.split('@')[1] as string;
    const keys = { otpSeed, tokenSecret };
    it(`are accepted for ${jid.slice(0, 30)} at ${unixSeconds} s, with a seed of ${otpSeed.length} characters`, async () => {
      const { verifier, clock } = await harness({ hosts: { [domain]: keys } });
      clock.timeMs = unixSeconds * 1000;
      expect(verifier.verify(jid, token)).toMatchObject({ code: 'accepted', drift: 0 });
      expect(verifier.verify(jid, token).code).toBe('replayed');
    });

    it(`equal those of our issuer for ${jid.slice(0, 30)} at ${unixSeconds} s`, async () => {
      const nonce = Uint8Array.from(token.slice(8, 40), Number);
      const issuer = await createIssuer({
        hosts: { [domain]: keys },
        clock: () => unixSeconds * 1000,
        randomBytes: (target) =>
          target.set(target.map((_, i) => nonce[i % nonce.length] as number)),
      });
      expect(issuer.issue(jid)).toBe(token);
    });
  }
});
