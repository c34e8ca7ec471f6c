/**
 * The original: "A token of `1alice` logged in `alice`; one of `34` whose nonce ended in `12`
 * logged in `1234`: digits moved between nonce and JID." OTP, nonce and jid are signed one after
 * the other with nothing between them.
 */
import { describe, expect, it } from 'vitest';
import { harness } from '../../unit/token/harness.js';
import { KEYS, nonceOf, STEP, signatureOf, tokenOf } from '../../unit/token/reference.js';

const options = { hosts: { host: KEYS } };

/**
 * The same signature with the border between nonce and jid moved: the signed text stays as it was.
 */
function shifted(token: string, jid: string, by: number): { jid: string; token: string } {
  const text = token.slice(0, 40) + jid;
  return { jid: text.slice(40 + by), token: text.slice(0, 40 + by) + token.slice(40) };
}

describe('digits moved between nonce and jid', () => {
  for (const [jid, nonce, by, other] of [
    ['7alice@host', nonceOf(5), 1, 'alice@host'],
    ['1alice@host', nonceOf(5), 1, 'alice@host'],
    ['850bob@host', nonceOf(5), 3, 'bob@host'],
    ['34@host', nonceOf(12), -2, '1234@host'],
    ['bob@host', nonceOf(850), -3, '850bob@host'],
    ['77@host', nonceOf(5), 1, '7@host'],
  ] as const) {
    it(`let a token of ${jid} log its owner in, and not ${other}`, async () => {
      const { verifier } = await harness(options);
      const token = tokenOf({ jid, nonce });
      const attack = shifted(token, jid, by);
      expect(attack.jid).toBe(other);
      // The forged token carries a good signature of the very text that is signed.
      expect(attack.token.slice(-44)).toBe(
        signatureOf(KEYS, attack.token.slice(0, -45), attack.jid),
      );
      expect(verifier.verify(attack.jid, attack.token).code).toBe('malformed');
      expect(verifier.verifyBatch([attack.jid, jid], [attack.token, token]).code(0)).toBe(
        'malformed',
      );
      expect(verifier.verify(other, token).code).toBe('bad-signature');
      expect(verifier.verify(jid, token).code).toBe('replayed');
    });
  }

  it('are refused for any number of digits, either way', async () => {
    const { verifier } = await harness(options);
    const jid = `${'7'.repeat(40)}@host`;
    const token = tokenOf({ jid, step: STEP, nonce: '7'.repeat(32) });
    for (let by = -32; by < 40; by++) {
      if (by === 0) continue;
      const attack = shifted(token, jid, by);
      expect(verifier.verify(attack.jid, attack.token).code, `${by}`).toBe('malformed');
    }
    expect(verifier.verify(jid, token).code).toBe('accepted');
  });

  it('are accepted with the option nonceDigits as a range, as its documentation warns', async () => {
    const { verifier } = await harness({ ...options, nonceDigits: { min: 31, max: 33 } });
    const attack = shifted(tokenOf({ jid: '7alice@host' }), '7alice@host', 1);
    expect(verifier.verify(attack.jid, attack.token).code).toBe('accepted');
  });
});
