import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import { harness } from './harness.js';
import { JID, KEYS, STEP, tokenOf, withWrongSignature } from './reference.js';

const hosts = { 'example.com': KEYS, h: KEYS };
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('verifyLines', () => {
  for (const [name, text, codes] of [
    ['nothing', '', []],
    ['one line', `${JID}\t${tokenOf()}\n`, ['accepted']],
    ['no LF at the end', `${JID}\t${tokenOf()}`, ['accepted']],
    ['CR LF', `${JID}\t${tokenOf()}\r\n`, ['accepted']],
    ['CR at the end', `${JID}\t${tokenOf()}\r`, ['accepted']],
    ['two CR', `${JID}\t${tokenOf()}\r\r\n`, ['malformed']],
    ['a space at the end', `${JID}\t${tokenOf()} \n`, ['malformed']],
    ['a space for the TAB', `${JID} ${tokenOf()}\n`, ['malformed']],
    ['two TABs', `${JID}\t\t${tokenOf()}\n`, ['malformed']],
    ['a third column', `${JID}\t${tokenOf()}\tx\n`, ['malformed']],
    ['no jid', `\t${tokenOf()}\n`, ['malformed']],
    ['no token', `${JID}\t\n`, ['malformed']],
    ['no token and CR', `${JID}\t\r\n`, ['malformed']],
    ['no TAB', `${JID}\n`, ['malformed']],
    ['an empty line', '\n', ['malformed']],
    ['an empty line with CR', '\r\n', ['malformed']],
    ['NUL in the jid', `alice\0@example.com\t${tokenOf()}\n`, ['malformed']],
    [
      'an empty line between two',
      `${JID}\t${tokenOf()}\n\n${JID}\t${tokenOf({ nonce: 8 })}\n`,
      ['accepted', 'malformed', 'accepted'],
    ],
    ['the token twice', `${JID}\t${tokenOf()}\n${JID}\t${tokenOf()}\n`, ['accepted', 'replayed']],
    ['a BOM', `\ufeff${JID}\t${tokenOf()}\n`, ['bad-signature']],
    [
      'a line cut short',
      `${JID}\t${tokenOf().slice(0, 84)}\n${JID}\t${tokenOf()}\n`,
      ['malformed', 'accepted'],
    ],
    ['an unknown host', `alice@other\t${tokenOf()}\n`, ['unknown-host']],
  ] as const) {
    it(`gives ${codes.join(', ') || 'no verdict'} for ${name}, as text and as bytes`, async () => {
      for (const form of [text, utf8(text)]) {
        const { verifier } = await harness({ hosts });
        expect([...verifier.verifyLines(form)].map(({ code }) => code)).toEqual(codes);
      }
    });
  }

  it('returns step and drift', async () => {
    const { verifier } = await harness({ hosts });
    const verdicts = verifier.verifyLines(`${JID}\t${tokenOf({ step: STEP - 1 })}\n`);
    expect(verdicts.at(0)).toEqual({
      ok: true,
      code: 'accepted',
      step: STEP - 1,
      drift: -1,
      keyIndex: 0,
    });
  });

  it('makes the line of a lone surrogate malformed, without joining or cutting others', async () => {
    const { verifier } = await harness({ hosts });
    const jid = 'a\ufffd@h';
    const token = tokenOf({ jid });
    const lone = ['\ud800', '\udc00', '\udc00\ud800'];
    for (const surrogate of lone) {
      const lines = [
        `a${surrogate}@h\t${token}`,
        `a@h${surrogate}\t${token}`,
        `${jid}${surrogate}${token}`,
        `${jid}\t${surrogate}${token}`,
        `${jid}\t${token}${surrogate}`,
        `${surrogate}${jid}\t${token}`,
        surrogate,
      ];
      expect([...verifier.verifyLines(lines.join('\n'))].map(({ code }) => code)).toEqual(
        lines.map(() => 'malformed'),
      );
    }
    expect([...verifier.verifyLines(`${jid}\t${token}\n\ud800`)].map(({ code }) => code)).toEqual([
      'accepted',
      'malformed',
    ]);
  });

  for (const value of [undefined, null, 7, {}, ['line'], new ArrayBuffer(8)]) {
    it(`throws a TypeError for ${Object.prototype.toString.call(value)}`, async () => {
      const { verifier } = await harness();
      expect(() => verifier.verifyLines(value as never)).toThrow(TypeError);
    });
  }
});

describe('many lines', () => {
  /**
   * Lines of all kinds, of lengths that put the ends of the core's input and of a batch at any
   * place.
   */
  function lineOf(i: number): { jid: string; token: string } {
    const jid = `${'é'.repeat(i % 5)}u${i}${'x'.repeat((i * 37) % 300)}@h`;
    const token = tokenOf({ jid, nonce: i });
    if (i % 7 === 3) return { jid, token: withWrongSignature(token) };
    if (i % 11 === 5) return { jid: jid.replace('@h', '@other'), token };
    if (i % 13 === 6) return { jid, token: `${token}x` };
    if (i % 17 === 7) return { jid: jid.toUpperCase(), token };
    // Longer than a jid can be, and longer than the whole input.
    if (i === 700) return { jid: 'y'.repeat(5000), token };
    if (i === 900) return { jid: 'z'.repeat(140_000), token };
    return { jid, token };
  }

  for (const count of [1023, 1024, 1025, 5000]) {
    for (const hook of [undefined, prepareJid]) {
      it(`${count}, ${hook ? 'some of them to be prepared' : 'without preparation'}: verify for each`, async () => {
        const entries = Array.from({ length: count }, (_, i) => lineOf(i));
        const lined = await harness({ hosts, prepareJid: hook });
        const single = await harness({ hosts, prepareJid: hook });
        const text = entries.map(({ jid, token }) => `${jid}\t${token}\n`).join('');
        const verdicts = [...lined.verifier.verifyLines(text)];
        expect(verdicts).toEqual(
          entries.map(({ jid, token }) => single.verifier.verify(jid, token)),
        );
        expect(lined.verifier.replay).toEqual(single.verifier.replay);
      });
    }
  }

  it('may end with CR LF, also with a jid to be prepared', async () => {
    const { verifier } = await harness({ hosts, prepareJid });
    const text = [JID.toUpperCase(), JID]
      .map((jid, nonce) => `${jid}\t${tokenOf({ nonce })}\r\n`)
      .join('');
    expect([...verifier.verifyLines(text)].map(({ code }) => code)).toEqual([
      'accepted',
      'accepted',
    ]);
  });

  it('are verified for themselves where the bytes are cut anywhere', async () => {
    const lines = Array.from({ length: 6 }, (_, i) => `${JID}\t${tokenOf({ nonce: i })}`);
    const text = `${lines.join('\n')}\n`;
    const at = fc.nat(text.length);
    await fc.assert(
      fc.asyncProperty(at, async (end) => {
        const { verifier } = await harness({ hosts });
        const part = text.slice(0, end);
        const expected =
          part === ''
            ? []
            : part
                .replace(/\n$/, '')
                .split('\n')
                .map((line) => lines.includes(line));
        expect([...verifier.verifyLines(part)].map(({ ok }) => ok)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
