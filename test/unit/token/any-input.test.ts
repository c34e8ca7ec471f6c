/** No jid and no token makes the verifier throw, whatever its type, length or bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERDICT_CODES } from '../../../src/index.js';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import { harness } from './harness.js';
import { JID, tokenOf } from './reference.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

const detached = utf8(tokenOf());
structuredClone(detached.buffer, { transfer: [detached.buffer] });

const NOT_TEXT: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['NaN', Number.NaN],
  ['a bigint', 7n],
  ['a boolean', true],
  ['a symbol', Symbol('jid')],
  ['a function', () => JID],
  ['an object', { length: 17 }],
  ['an object that turns into text', { toString: () => JID, length: JID.length }],
  ['a String object', new String(JID)],
  ['an array', [...JID]],
  ['an array with one text', [JID]],
  ['an ArrayBuffer', utf8(JID).buffer],
  ['a Uint16Array', Uint16Array.from(utf8(JID))],
  ['a DataView', new DataView(utf8(JID).buffer)],
  ['bytes whose buffer is gone', detached],
  ['what only inherits from Uint8Array', Object.create(Uint8Array.prototype)],
  ['a proxy of bytes', new Proxy(utf8(JID), {})],
];

describe('jids and tokens of other types', async () => {
  const plain = (await harness()).verifier;
  const preparing = (await harness({ prepareJid })).verifier;

  for (const [name, value] of NOT_TEXT) {
    it(`are malformed as jid, as token and as both: ${name}`, () => {
      for (const verifier of [plain, preparing]) {
        for (const [jid, token] of [
          [value, tokenOf()],
          [value, utf8(tokenOf())],
          [JID, value],
          [utf8(JID), value],
          [value, value],
        ] as readonly (readonly [string, string])[]) {
          expect(verifier.verify(jid, token)).toEqual({ ok: false, code: 'malformed' });
          const batch = verifier.verifyBatch([JID, jid, JID], ['', token, '']);
          expect(batch.codes).toEqual(Uint8Array.of(1, 1, 1));
        }
      }
    });
  }

  it('do not use the token up', () => {
    expect(plain.verify(JID, tokenOf()).code).toBe('accepted');
    expect(preparing.verify(JID, tokenOf()).code).toBe('accepted');
  });
});

describe('text and bytes of a jid or token', () => {
  it('mean the same in every mixture', async () => {
    const { verifier } = await harness();
    const forms = [(text: string) => text, utf8, (text: string) => Buffer.from(text)];
    let nonce = 0;
    for (const jidForm of forms) {
      for (const tokenForm of forms) {
        const token = tokenOf({ nonce: nonce++ });
        expect(verifier.verify(jidForm(JID), tokenForm(token)).code).toBe('accepted');
        for (const again of forms)
          expect(verifier.verify(again(JID), again(token)).code).toBe('replayed');
      }
    }
  });

  it('count only the view of a larger array, and are never written to', async () => {
    const { verifier } = await harness();
    const all = utf8(`<<${tokenOf()}>>`);
    const before = all.slice();
    expect(verifier.verify(JID, all.subarray(2, 87)).code).toBe('accepted');
    expect(all).toEqual(before);
  });

  it('make a token malformed in other digits than ASCII ones', async () => {
    const { verifier } = await harness();
    const token = tokenOf();
    for (const zero of [0x660, 0x966, 0xff10, 0x1d7ce]) {
      const other = token.replace(/^\d+/, (digits) =>
        [...digits].map((digit) => String.fromCodePoint(zero + Number(digit))).join(''),
      );
      expect(verifier.verify(JID, other).code).toBe('malformed');
    }
    // One character beyond ASCII keeps the length in characters and shifts everything after it.
    for (let at = 0; at < token.length; at++) {
      expect(verifier.verify(JID, `${token.slice(0, at)}é${token.slice(at + 1)}`).code).toBe(
        'malformed',
      );
    }
    expect(verifier.verify(JID, token).code).toBe('accepted');
  });

  it('stay apart where a character of two bytes could join token and jid', async () => {
    const { verifier } = await harness();
    const token = tokenOf();
    // 84 characters are 85 bytes here, and the '=' that is missing would be the jid's.
    expect(verifier.verify(`=${JID}`, `é${token.slice(1, 84)}`).code).toBe('malformed');
    expect(verifier.verify(`=${JID}`, token.slice(0, 84)).code).toBe('malformed');
  });
});

describe('any input at all', async () => {
  const { verifier } = await harness({ prepareJid });
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.string({
      unit: fc.constantFrom('0', '7', ' ', '=', 'A', '@', '.', '\n', '\t', '\ud800', 'é'),
    }),
  );
  const bytes = fc.uint8Array({ maxLength: 400 });
  const value = fc.oneof(text, bytes, fc.anything());
  /** A good token with a few characters replaced, taken out or put in. */
  const edited = fc
    .array(fc.tuple(fc.nat(86), fc.nat(2), fc.string({ unit: 'binary', maxLength: 2 })), {
      maxLength: 4,
    })
    .map((edits) =>
      edits.reduce(
        (token, [at, taken, put]) => token.slice(0, at) + put + token.slice(at + taken),
        tokenOf(),
      ),
    );
  const codes = new Set<string>(VERDICT_CODES);

  it('gets a verdict', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(JID), value), fc.oneof(edited, value), (jid, token) => {
        const { ok, code } = verifier.verify(jid as string, token as string);
        expect(codes.has(code)).toBe(true);
        if (ok) expect([jid, token]).toEqual([JID, tokenOf()]);
      }),
      { numRuns: 3000 },
    );
  });

  it('gets a verdict in a batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.oneof(edited, value)), { maxLength: 20 }),
        (pairs) => {
          const verdicts = verifier.verifyBatch(
            pairs.map(([jid]) => jid as string),
            pairs.map(([, token]) => token as string),
          );
          expect(verdicts.length).toBe(pairs.length);
          for (const { code } of verdicts) expect(codes.has(code)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gets a verdict as lines', () => {
    const lines = fc.array(
      fc.oneof(
        text,
        edited.map((token) => `${JID}\t${token}`),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          lines.map((parts) => utf8(parts.join('\n'))),
        ),
        (input) => {
          const verdicts = verifier.verifyLines(input);
          const text = Buffer.from(input).toString('latin1');
          const count = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
          expect(verdicts.length).toBe(count);
          for (const { code } of verdicts) expect(codes.has(code)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gets a verdict at any length from 0 to 400 bytes, as jid and as token', () => {
    for (let length = 0; length <= 400; length++) {
      for (const fill of [0x30, 0x40, 0x3d, 0x00, 0xff]) {
        const bytes = new Uint8Array(length).fill(fill);
        const { code } = verifier.verify(JID, bytes);
        expect(code, `token of ${length} × ${fill}`).toBe('malformed');
        expect(verifier.verify(bytes, tokenOf()).ok, `jid of ${length} × ${fill}`).toBe(false);
      }
    }
  });
});
