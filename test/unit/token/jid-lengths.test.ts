/**
 * The signed message is 40 digits and the jid: each length of jid ends it at another place of a
 * SHA-256 block.
 */
import { describe, expect, it } from 'vitest';
import { harness } from './harness.js';
import { KEYS, tokenOf, withWrongSignature } from './reference.js';

const LONG_DOMAIN = 'd'.repeat(1023);
const hosts = { h: KEYS, [LONG_DOMAIN]: KEYS };

/** A jid of `length` bytes, no two neighbours alike. */
function jidOf(length: number): string {
  const domain = length <= 1025 ? 'h' : LONG_DOMAIN;
  const localpart = Array.from({ length: length - domain.length - 1 }, (_, i) =>
    String.fromCharCode(0x61 + ((i * 7 + length) % 26)),
  );
  return `${localpart.join('')}@${domain}`;
}

const LENGTHS = [
  ...Array.from({ length: 298 }, (_, i) => i + 3),
  ...[511, 512, 513, 1023, 1024, 1025, 1026, 1500, 2046, 2047],
];

describe('jids of 3 to 300 bytes, and longer, against node:crypto', () => {
  it('get the right verdicts one by one', async () => {
    const { verifier } = await harness({ hosts });
    for (const length of LENGTHS) {
      const jid = jidOf(length);
      const token = tokenOf({ jid, nonce: length });
      expect(verifier.verify(jid, withWrongSignature(token)).code, `${length}`).toBe(
        'bad-signature',
      );
      expect(verifier.verify(jid, token).code, `${length}`).toBe('accepted');
      // A byte more or less at the end, and another one there, are another jid.
      expect(verifier.verify(`x${jid}`, token).ok, `${length}, longer`).toBe(false);
      expect(verifier.verify(jid.replace(/^./, '_'), token).ok, `${length}, changed`).toBe(false);
    }
  });

  it('get the right verdicts four of a length at a time, which fills four lanes', async () => {
    const { verifier } = await harness({ hosts });
    for (const length of LENGTHS.filter((length) => length >= 4)) {
      const jids = ['0', '1', '2', '3'].map((first) => jidOf(length).replace(/^./, first));
      const tokens = jids.map((jid, nonce) => tokenOf({ jid, nonce }));
      for (const wrong of [0, 1, 2, 3]) {
        const some = tokens.map((token, i) => (i === wrong ? token : withWrongSignature(token)));
        const codes = [...verifier.verifyBatch(jids, some)].map(({ code }) => code);
        const expected = tokens.map((_, i) => (i === wrong ? 'accepted' : 'bad-signature'));
        expect(codes, `${length}, lane ${wrong}`).toEqual(expected);
      }
    }
  });

  it('get the right verdicts in one batch', async () => {
    const { verifier } = await harness({ hosts });
    const jids = LENGTHS.map(jidOf);
    const tokens = jids.map((jid, nonce) => tokenOf({ jid, nonce }));
    expect([...verifier.verifyBatch(jids, tokens)].map(({ code }) => code)).toEqual(
      jids.map(() => 'accepted'),
    );
  });
});

describe('jids out of bounds', () => {
  for (const [name, jid] of [
    ['empty', ''],
    ['one byte', 'a'],
    ['an at sign alone', '@'],
    ['no localpart', '@h'],
    ['no domain', 'a@'],
    ['a localpart of 1,024 bytes', `${'a'.repeat(1024)}@h`],
    ['a domain of 1,024 bytes', `a@${'d'.repeat(1024)}`],
    ['3,070 bytes', `a@${'d'.repeat(3068)}`],
    ['3,071 bytes', `a@${'d'.repeat(3069)}`],
    ['3,072 bytes', `a@${'d'.repeat(3070)}`],
    ['3,071 characters of two bytes', `a@${'é'.repeat(3069)}`],
    ['200,000 bytes, more than the input holds', `a@${'d'.repeat(199_998)}`],
    ['a megabyte without an at sign', 'a'.repeat(1_000_000)],
  ] as const) {
    it(`are malformed as text, as bytes and in a batch: ${name}`, async () => {
      const { verifier } = await harness({ hosts });
      const token = tokenOf({ jid });
      const bytes = new TextEncoder().encode(jid);
      expect(verifier.verify(jid, token).code).toBe('malformed');
      expect(verifier.verify(bytes, token).code).toBe('malformed');
      expect(verifier.verifyLines(`${jid}\t${token}\n`).code(0)).toBe('malformed');
      const mixed = verifier.verifyBatch(
        ['ok@h', jid, bytes, 'too@h'],
        [tokenOf({ jid: 'ok@h' }), token, token, tokenOf({ jid: 'too@h' })],
      );
      expect([...mixed].map(({ code }) => code)).toEqual([
        'accepted',
        'malformed',
        'malformed',
        'accepted',
      ]);
    });
  }

  it('begin above 1,023 bytes for a localpart and for a domain', async () => {
    const { verifier } = await harness({ hosts });
    const jid = `${'é'.repeat(511)}a@${LONG_DOMAIN}`;
    expect(new TextEncoder().encode(jid)).toHaveLength(2047);
    expect(verifier.verify(jid, tokenOf({ jid })).code).toBe('accepted');
    const longer = `${'é'.repeat(512)}@${LONG_DOMAIN}`;
    expect(verifier.verify(longer, tokenOf({ jid: longer })).code).toBe('malformed');
  });
});
