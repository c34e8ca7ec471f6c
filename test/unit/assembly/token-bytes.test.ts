/** The rest of a token byte by byte: digits, the space, the length. */
import { describe, expect, it } from 'vitest';
import { harness } from '../token/harness.js';
import { JID, nonceOf, tokenOf } from '../token/reference.js';

const OTP_DIGITS = 8;
const SPACE_AT = 40;

describe('each byte value at each of the 41 places before the signature', () => {
  it('makes a wrong OTP or signature as another digit, and a malformed token otherwise', async () => {
    const { verifier } = await harness();
    for (let at = 0; at <= SPACE_AT; at++) {
      const good = Buffer.from(tokenOf({ nonce: nonceOf(at) }));
      for (let byte = 0; byte < 256; byte++) {
        const bytes = new Uint8Array(good);
        bytes[at] = byte;
        const isDigit = at < SPACE_AT && byte >= 0x30 && byte <= 0x39;
        const wrong = at < OTP_DIGITS ? 'wrong-otp' : 'bad-signature';
        const other = isDigit ? wrong : 'malformed';
        const expected = byte === good[at] ? 'accepted' : other;
        expect(verifier.verify(JID, bytes).code, `byte ${byte} at ${at}`).toBe(expected);
      }
    }
  });

  it('gets the same verdict in batches of text', async () => {
    const { verifier } = await harness();
    for (let at = 0; at <= SPACE_AT; at++) {
      const good = tokenOf({ nonce: nonceOf(at) });
      const tokens = Array.from(
        { length: 128 },
        (_, byte) => good.slice(0, at) + String.fromCharCode(byte) + good.slice(at + 1),
      );
      const codes = [
        ...verifier.verifyBatch(
          tokens.map(() => JID),
          tokens,
        ),
      ].map(({ code }) => code);
      const wrong = at < OTP_DIGITS ? 'wrong-otp' : 'bad-signature';
      const expected = tokens.map((token, byte) => {
        const other = at < SPACE_AT && byte >= 0x30 && byte <= 0x39 ? wrong : 'malformed';
        return token === good ? 'accepted' : other;
      });
      expect(codes, `at ${at}`).toEqual(expected);
    }
  });
});

describe('a token of another length', () => {
  it('of 0 to 400 bytes is malformed, as the beginning of a good one or with more after it', async () => {
    const { verifier } = await harness();
    const good = tokenOf();
    for (const filler of ['0', ' ', '=', 'A', '\0']) {
      for (let length = 0; length <= 400; length++) {
        if (length === good.length) continue;
        const text = good.slice(0, length).padEnd(length, filler);
        expect(verifier.verify(JID, text).code, `${length} of ${filler}`).toBe('malformed');
        expect(verifier.verify(JID, Buffer.from(text)).code, `${length} of ${filler}`).toBe(
          'malformed',
        );
      }
    }
    expect(verifier.verify(JID, good).code).toBe('accepted');
  });

  it('of 0 to 400 bytes is malformed, with digits added or removed before the space', async () => {
    const { verifier } = await harness();
    const good = tokenOf();
    for (let digits = 0; digits <= 355; digits++) {
      if (digits === SPACE_AT) continue;
      const text =
        good.slice(0, SPACE_AT).padEnd(digits, '7').slice(0, digits) + good.slice(SPACE_AT);
      expect(verifier.verify(JID, text).code, `${digits} digits`).toBe('malformed');
      // Signed as it is: the form is what is wrong with it.
      const signed = tokenOf({ nonce: '7'.repeat(digits) });
      const expected = digits === 32 ? 'accepted' : 'malformed';
      expect(verifier.verify(JID, signed).code, `a nonce of ${digits}`).toBe(expected);
    }
  });

  it('of a megabyte is malformed', async () => {
    const { verifier } = await harness();
    for (const text of ['7'.repeat(1_000_000), `${tokenOf()}${' '.repeat(1_000_000)}`]) {
      expect(verifier.verify(JID, text).code).toBe('malformed');
      expect(verifier.verify(JID, Buffer.from(text)).code).toBe('malformed');
      expect(verifier.verifyBatch([JID, JID], [text, text]).accepted).toBe(0);
      expect(verifier.verifyLines(`${JID}\t${text}\n`).code(0)).toBe('malformed');
    }
  });
});
