/**
 * The signature's text: RFC 4648 §4 in its canonical form (§3.5) and in no other.
 *
 * The core encodes the MAC that a token should have and compares the text, and looks at the form of
 * what was sent only once that has failed. Node's own codec says here what is canonical.
 */
import { describe, expect, it } from 'vitest';
import { harness } from '../token/harness.js';
import { JID, nonceOf, tokenOf, withChar } from '../token/reference.js';

const SIGNATURE_AT = 41;
const SIGNATURE_CHARS = 44;

function isCanonical(signature: Buffer): boolean {
  const text = signature.toString('latin1');
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 && bytes.toString('base64') === text;
}

/**
 * Every token that differs from a good one in one byte of the signature, with its verdict; and the
 * good one.
 */
function* variants(place: number): Generator<{ bytes: Uint8Array; code: string; byte: number }> {
  // A good token for each place, so that each is accepted once.
  const good = Buffer.from(tokenOf({ nonce: nonceOf(place) }));
  const at = SIGNATURE_AT + place;
  for (let byte = 0; byte < 256; byte++) {
    const bytes = new Uint8Array(good);
    bytes[at] = byte;
    const canonical = isCanonical(Buffer.from(bytes.subarray(SIGNATURE_AT)));
    const other = canonical ? 'bad-signature' : 'malformed';
    yield { bytes, byte, code: byte === good[at] ? 'accepted' : other };
  }
}

describe('each byte value at each of the 44 places of a signature', () => {
  it('is accepted if unchanged, malformed if Node calls it not canonical, bad-signature otherwise', async () => {
    const { verifier } = await harness();
    const seen = new Map<string, number>();
    for (let place = 0; place < SIGNATURE_CHARS; place++) {
      for (const { bytes, byte, code } of variants(place)) {
        expect(verifier.verify(JID, bytes).code, `byte ${byte} at ${place}`).toBe(code);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }
    }
    // 63 other characters at 42 places, 15 others at the 43rd; the 44th must be '='.
    expect(Object.fromEntries(seen)).toEqual({
      accepted: 44,
      'bad-signature': 42 * 63 + 15,
      malformed: 44 * 256 - 44 - 42 * 63 - 15,
    });
  });

  it('gets the same verdict as text in batches, where the bytes are ASCII', async () => {
    const { verifier } = await harness();
    for (let place = 0; place < SIGNATURE_CHARS; place++) {
      const all = [...variants(place)].filter(({ byte }) => byte < 0x80);
      const verdicts = verifier.verifyBatch(
        all.map(() => JID),
        all.map(({ bytes }) => Buffer.from(bytes).toString('latin1')),
      );
      expect([...verdicts].map(({ code }) => code)).toEqual(all.map(({ code }) => code));
    }
  });

  it('gets the same verdict as bytes in lines, where no byte ends the line', async () => {
    const { verifier } = await harness();
    for (let place = 0; place < SIGNATURE_CHARS; place++) {
      // CR at the end is part of the line's end.
      const all = [...variants(place)].filter(({ byte }) => byte !== 0x0a && byte !== 0x0d);
      const lines = all.map(({ bytes }) =>
        Buffer.concat([Buffer.from(`${JID}\t`), bytes, Buffer.from('\n')]),
      );
      const verdicts = verifier.verifyLines(Buffer.concat(lines));
      expect([...verdicts].map(({ code }) => code)).toEqual(all.map(({ code }) => code));
    }
  });
});

describe('other forms of the same 32 bytes', async () => {
  const { verifier } = await harness();
  const token = tokenOf();
  const signature = token.slice(SIGNATURE_AT);
  const prefix = token.slice(0, SIGNATURE_AT);
  const spare = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = spare.indexOf(signature[42]!);

  for (const [name, other] of [
    ['spare bits 01', withChar(signature, 42, spare[last + 1]!)],
    ['spare bits 10', withChar(signature, 42, spare[last + 2]!)],
    ['spare bits 11', withChar(signature, 42, spare[last + 3]!)],
    ['no padding', signature.slice(0, 43)],
    ['two padding characters', `${signature}=`],
    ['white space at the end', `${signature} `],
    ['white space inside', `${signature.slice(0, 20)} ${signature.slice(20)}`],
    ['a line break at the end', `${signature}\n`],
    [
      'the URL-safe alphabet',
      signature.replaceAll('+', '-').replaceAll('/', '_').replace(/^./, '_'),
    ],
    ['hexadecimal', Buffer.from(signature, 'base64').toString('hex')],
    ['the raw bytes', Buffer.from(signature, 'base64').toString('latin1')],
  ] as const) {
    it(`are malformed: ${name}`, () => {
      // Whatever Node's lenient decoder makes of it.
      expect(other).not.toBe(signature);
      expect(verifier.verify(JID, prefix + other).code).toBe('malformed');
    });
  }

  it('leave one form that is accepted', () => {
    expect(verifier.verify(JID, token).code).toBe('accepted');
  });
});

describe('all characters at all places', () => {
  it('are compared and encoded as Node does, in signatures of 2,000 tokens', async () => {
    const { verifier } = await harness();
    const seen = Array.from({ length: SIGNATURE_CHARS }, () => new Set<string>());
    for (let nonce = 0; nonce < 2000; nonce++) {
      const token = tokenOf({ nonce });
      expect(verifier.verify(JID, token).code).toBe('accepted');
      for (const [place, char] of [...token.slice(SIGNATURE_AT)].entries()) seen[place]!.add(char);
    }
    expect(seen.map(({ size }) => size)).toEqual([...Array(42).fill(64), 16, 1]);
  });
});
