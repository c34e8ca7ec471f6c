/**
 * The original: "A malformed token raises an error and the client gets no answer; 1023 digits
 * without a space cost it 5.9 ms."
 */
import { describe, expect, it } from 'vitest';
import { setUp, writeToken } from '../../unit/assembly/bare-core.js';
import { tracedCore } from '../../unit/assembly/traced-core.js';
import { harness } from '../../unit/token/harness.js';
import { JID, KEYS, STEP, tokenOf } from '../../unit/token/reference.js';

const DIGITS_1023 = '7'.repeat(1023);

describe('a malformed token', () => {
  for (const [name, token] of [
    ['empty', ''],
    ['a space', ' '],
    ['a word', 'nonsense'],
    ['no space', tokenOf().replace(' ', '')],
    ['a colon for the space', tokenOf().replace(' ', ':')],
    ['the OTP and nonce alone', tokenOf().slice(0, 40)],
    ['no signature', tokenOf().slice(0, 41)],
    ['1,023 digits without a space', DIGITS_1023],
    ['a million digits', '7'.repeat(1_000_000)],
  ] as const) {
    it(`gets an answer and throws nothing: ${name}`, async () => {
      const { verifier } = await harness();
      expect(verifier.verify(JID, token)).toEqual({ ok: false, code: 'malformed' });
      expect(verifier.verify(JID, Buffer.from(token))).toEqual({ ok: false, code: 'malformed' });
      expect(verifier.verifyBatch([JID, JID], [token, token]).codes).toEqual(Uint8Array.of(1, 1));
      expect(verifier.verifyLines(`${JID}\t${token}\n`).codes).toEqual(Uint8Array.of(1));
    });
  }

  it('of 1,023 digits is refused by its length alone', () => {
    const { calls, traceOf } = tracedCore();
    setUp(calls, KEYS, { past: 1, future: 1 });
    calls.guardCreate(3, 10, 0);
    const stepsFor = (text: string) => {
      writeToken(calls, text, JID);
      return traceOf(() => calls.verify(text.length, JID.length, STEP, false)).length;
    };
    const wrongLength = stepsFor('7'.repeat(84));
    expect(wrongLength).toBeLessThan(20);
    expect(stepsFor(DIGITS_1023)).toBe(wrongLength);
    expect(stepsFor('7'.repeat(100_000))).toBe(wrongLength);
    // What a token in the right form takes, to compare with.
    expect(stepsFor(tokenOf())).toBeGreaterThan(20 * wrongLength);
  });
});
