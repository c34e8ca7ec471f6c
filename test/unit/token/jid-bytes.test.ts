/** Which bytes a jid may have, and which of them make preparation necessary. */
import { describe, expect, it } from 'vitest';
import { harness } from './harness.js';
import { KEYS, tokenOf } from './reference.js';

/**
 * RFC 6122 §2.3: controls, space and these are not in a localpart, nor is a second at sign in a
 * bare jid.
 */
const FORBIDDEN = new Set([...`"&'/:<>@`].map((char) => char.charCodeAt(0)));
const isForbidden = (byte: number) => byte <= 0x20 || byte === 0x7f || FORBIDDEN.has(byte);
const isPrepared = (byte: number) => byte < 0x80 && !(byte >= 0x41 && byte <= 0x5a);

/** The jid `aaaa…@h` with one byte of its localpart replaced. */
function jidWith(byte: number, at: number, length: number): Uint8Array {
  const jid = new Uint8Array(length + 2).fill(0x61);
  jid.set([0x40, 0x68], length);
  jid[at] = byte;
  return jid;
}

describe('each byte value at each of 34 places of a localpart', async () => {
  const LENGTH = 34;

  it('is accepted, except for those that RFC 6122 forbids', async () => {
    const { verifier } = await harness({ hosts: { h: KEYS } });
    for (let at = 0; at < LENGTH; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const jid = jidWith(byte, at, LENGTH);
        const { code } = verifier.verify(jid, tokenOf({ jid, nonce: at }));
        // An at sign ends the localpart, and then there is a second one.
        const expected = byte === 0x40 || isForbidden(byte) ? 'malformed' : 'accepted';
        // 'a' is there already: the same jid again.
        const again = byte === 0x61 ? /accepted|replayed/ : expected;
        expect(code, `byte ${byte} at ${at}`).toMatch(again);
      }
    }
  });

  it('is sent to prepareJid if it is upper case', async () => {
    const asked: string[] = [];
    const { verifier } = await harness({
      hosts: { h: KEYS },
      prepareJid: (jid) => {
        asked.push(jid);
        return jid;
      },
    });
    asked.length = 0;
    for (let at = 0; at < LENGTH; at++) {
      for (let byte = 0; byte < 128; byte++) {
        const jid = jidWith(byte, at, LENGTH);
        verifier.verify(jid, tokenOf({ jid, nonce: at }));
        const expected = isPrepared(byte) ? [] : [Buffer.from(jid).toString()];
        expect(asked, `byte ${byte} at ${at}`).toEqual(expected);
        asked.length = 0;
      }
    }
  });
});

describe('jids beyond ASCII', () => {
  for (const jid of [
    'zoë@example.com',
    'жук@example.com',
    '🐞@example.com',
    'ﬀ@example.com',
    '\u00ad@example.com',
  ]) {
    it(`are signed and verified as UTF-8 bytes, as text and as bytes: ${jid}`, async () => {
      const { verifier } = await harness();
      const bytes = new TextEncoder().encode(jid);
      expect(verifier.verify(jid, tokenOf({ jid: bytes })).code).toBe('accepted');
      expect(verifier.verify(bytes, tokenOf({ jid, nonce: 1 })).code).toBe('accepted');
      expect(verifier.verify(bytes, tokenOf({ jid, nonce: 1 })).code).toBe('replayed');
    });
  }

  it('are two jids in NFC and NFD without preparation', async () => {
    const { verifier } = await harness();
    const nfd = 'zoe\u0308@example.com';
    expect(verifier.verify('zoë@example.com', tokenOf({ jid: nfd })).code).toBe('bad-signature');
    expect(verifier.verify(nfd, tokenOf({ jid: nfd })).code).toBe('accepted');
  });

  it('may be bytes that are not UTF-8', async () => {
    const { verifier } = await harness();
    const jid = Uint8Array.from([0xff, 0x80, ...Buffer.from('@example.com')]);
    expect(verifier.verify(jid, tokenOf({ jid })).code).toBe('accepted');
  });

  for (const [name, jid] of [
    ['high', 'a\ud800@example.com'],
    ['low', 'a\udc00@example.com'],
    ['leading low', '\udc00a@example.com'],
    ['swapped pair', '\udc00\ud800@example.com'],
    ['trailing high', 'alice@example.com\ud83d'],
  ] as const) {
    it(`are malformed, not the replacement character, with a lone surrogate (${name})`, async () => {
      const { verifier } = await harness();
      const replaced = jid.toWellFormed();
      expect(replaced).toContain('\ufffd');
      const token = tokenOf({ jid: replaced });
      expect(verifier.verify(jid, token).code).toBe('malformed');
      expect(verifier.verify(jid, new TextEncoder().encode(token)).code).toBe('malformed');
      expect(verifier.verifyBatch([jid, jid, jid], [token, token, token]).codes).toEqual(
        Uint8Array.of(1, 1, 1),
      );
    });
  }

  it('stay apart from a token that ends with half of a surrogate pair', async () => {
    const { verifier } = await harness();
    const token = `${tokenOf().slice(0, 84)}\ud83d`;
    expect(verifier.verify(`\udc1e${'alice@example.com'}`, token).code).toBe('malformed');
  });
});
