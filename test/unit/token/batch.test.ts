/** A batch is its tokens one by one: the same verdicts, and the same guard afterwards. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifierOptions } from '../../../src/index.js';
import { prepareJid } from '../../../src/xmpp/prepare-jid.js';
import { type Harness, harness } from './harness.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf, withChar, withWrongSignature } from './reference.js';

type Text = string | Uint8Array;
interface Entry {
  readonly jid: Text;
  readonly token: Text;
}

const HOSTS = { 'example.com': [KEYS, OTHER_KEYS], 'b.example': OTHER_KEYS, h: KEYS };
const options: VerifierOptions = { hosts: HOSTS, prepareJid };
const utf8 = (text: string) => new TextEncoder().encode(text);

/**
 * Good entry number `i`: lengths of jids, keys and steps go round in different circles, so lanes
 * differ.
 */
function good(i: number): { jid: string; token: string } {
  const localpart = `u${i}`.padEnd(2 + ((i * 5) % 90), 'x');
  const host = (['example.com', 'h', 'b.example', 'example.com'] as const)[i % 4]!;
  const keys = host === 'b.example' || i % 8 === 3 ? OTHER_KEYS : KEYS;
  const jid = `${localpart}@${host}`;
  return { jid, token: tokenOf({ keys, jid, nonce: i, step: STEP - 1 + (i % 3) }) };
}

/** What can be wrong with one. */
const SPOILT: readonly (readonly [string, (entry: { jid: string; token: string }) => Entry])[] = [
  ['a wrong signature', ({ jid, token }) => ({ jid, token: withWrongSignature(token) })],
  [
    'a wrong OTP',
    ({ jid, token }) => ({ jid, token: withChar(token, 0, token[0] === '0' ? '1' : '0') }),
  ],
  [
    'a wrong nonce',
    ({ jid, token }) => ({ jid, token: withChar(token, 39, token[39] === '0' ? '1' : '0') }),
  ],
  ['an unknown host', ({ jid, token }) => ({ jid: `${jid}x`, token })],
  ['another jid of the length', ({ jid, token }) => ({ jid: withChar(jid, 0, 'v'), token })],
  ['a short token', ({ jid, token }) => ({ jid, token: token.slice(1) })],
  ['a character of two bytes', ({ jid, token }) => ({ jid, token: withChar(token, 50, 'é') })],
  ['a line break in the jid', ({ jid, token }) => ({ jid: withChar(jid, 1, '\n'), token })],
  ['a line break at its end', ({ jid, token }) => ({ jid: `${jid}\n`, token })],
  ['an empty jid', ({ token }) => ({ jid: '', token })],
  ['a lone surrogate', ({ jid, token }) => ({ jid: `\ud800${jid}`, token })],
  ['no text', ({ token }) => ({ jid: null as never, token })],
  ['bytes that are no token', ({ jid }) => ({ jid, token: utf8('bytes') })],
  ['a jid that cannot be prepared', ({ jid, token }) => ({ jid: `\ue000${jid}`, token })],
];

/** What is right, in another form. */
const FORMS: readonly (readonly [string, (entry: { jid: string; token: string }) => Entry])[] = [
  ['text', (entry) => entry],
  ['bytes', ({ jid, token }) => ({ jid: utf8(jid), token: utf8(token) })],
  ['a jid in bytes', ({ jid, token }) => ({ jid: utf8(jid), token })],
  ['a jid to be prepared', ({ jid, token }) => ({ jid: jid.toUpperCase(), token })],
];

async function both(): Promise<readonly [Harness, Harness]> {
  return Promise.all([harness(options), harness(options)]);
}

/** Asks two verifiers alike, the one by a batch. */
function compare([batched, single]: readonly [Harness, Harness], entries: readonly Entry[]): void {
  const verdicts = batched.verifier.verifyBatch(
    entries.map(({ jid }) => jid),
    entries.map(({ token }) => token),
  );
  const expected = entries.map(({ jid, token }) => single.verifier.verify(jid, token));
  expect([...verdicts]).toEqual(expected);
  expect(verdicts.length).toBe(entries.length);
  expect(verdicts.accepted).toBe(expected.filter(({ ok }) => ok).length);
  expect(batched.verifier.replay).toEqual(single.verifier.replay);
}

describe('verifyBatch equals verify for each token', () => {
  for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 511, 512, 513, 1023, 1024, 1025, 2100]) {
    it(`with ${size} good tokens of different jids, keys and steps`, async () => {
      const entries = Array.from({ length: size }, (_, i) => good(i));
      const pair = await both();
      compare(pair, entries);
      expect(
        pair[0].verifier.replay.generations.reduce((sum, { entries }) => sum + entries, 0),
      ).toBe(size);
      // And every one of them is a replay now, in both.
      compare(pair, entries);
    });
  }

  for (const [fault, spoil] of [...SPOILT, ...FORMS]) {
    it(`with ${fault}, in each place of 1 to 9`, async () => {
      const pair = await both();
      let number = 0;
      for (let size = 1; size <= 9; size++) {
        for (let place = 0; place < size; place++) {
          const entries: Entry[] = Array.from({ length: size }, () => good(number++));
          entries[place] = spoil(good(number++));
          compare(pair, entries);
        }
      }
    });

    it(`with ${fault}, among 1,024 of one length`, async () => {
      const pair = await both();
      for (const place of [0, 1, 2, 3, 511, 512, 1020, 1023]) {
        const entries: Entry[] = Array.from({ length: 1024 }, (_, i) => {
          const jid = `user${String(i).padStart(6, '0')}@h`;
          return { jid, token: tokenOf({ jid, nonce: place * 10_000 + i }) };
        });
        entries[place] = spoil(entries[place] as { jid: string; token: string });
        compare(pair, entries);
      }
    });
  }

  it('with any mixture of tokens', async () => {
    const pair = await both();
    const kinds = [...FORMS, ...FORMS, ...SPOILT];
    const entry = fc
      .tuple(fc.nat(600), fc.nat(kinds.length - 1))
      .map(([i, kind]) => kinds[kind]![1](good(i)));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => compare(pair, entries)),
      { numRuns: 200 },
    );
  });
});

describe('a token that stands twice', () => {
  for (const [name, form] of FORMS) {
    it(`is accepted the first time, as ${name}`, async () => {
      const { verifier } = await harness(options);
      const entry = good(1);
      const entries = [good(0), entry, good(2), form(entry), form(entry), good(3)];
      const verdicts = verifier.verifyBatch(
        entries.map(({ jid }) => jid),
        entries.map(({ token }) => token),
      );
      const codes = [...verdicts].map(({ code }) => code);
      expect(codes).toEqual([
        'accepted',
        'accepted',
        'accepted',
        'replayed',
        'replayed',
        'accepted',
      ]);
    });
  }

  it('is accepted first where four lanes, leftovers and other lengths change the order of the MACs', async () => {
    const { verifier } = await harness(options);
    // Long jids leave the lanes later than short ones, and one of an odd length waits alone to the
    // end.
    const jids = ['a@h', `${'b'.repeat(60)}@h`, `${'c'.repeat(18)}@h`, `${'d'.repeat(200)}@h`];
    const order = [2, 1, 3, 0, 1, 2, 0, 3, 0, 0, 1, 1, 2, 3, 3, 2];
    const tokens = jids.map((jid, nonce) => tokenOf({ jid, nonce }));
    const verdicts = verifier.verifyBatch(
      order.map((i) => jids[i]!),
      order.map((i) => tokens[i]!),
    );
    const expected = order.map((i, at) => (order.indexOf(i) === at ? 'accepted' : 'replayed'));
    expect([...verdicts].map(({ code }) => code)).toEqual(expected);
  });

  it('is replayed in a batch after it was accepted alone, and the other way round', async () => {
    const { verifier } = await harness(options);
    const [first, second] = [good(0), good(4)];
    expect(verifier.verify(first.jid, first.token).code).toBe('accepted');
    const verdicts = verifier.verifyBatch([first.jid, second.jid], [first.token, second.token]);
    expect([...verdicts].map(({ code }) => code)).toEqual(['replayed', 'accepted']);
    expect(verifier.verify(second.jid, second.token).code).toBe('replayed');
  });
});

describe('a batch', () => {
  it('of arrays that differ in length throws a RangeError and uses up nothing', async () => {
    const { verifier } = await harness();
    expect(() => verifier.verifyBatch([JID], [])).toThrow(RangeError);
    expect(() => verifier.verifyBatch([], [tokenOf()])).toThrow(RangeError);
    expect(() => verifier.verifyBatch([JID], [tokenOf(), tokenOf()])).toThrow(RangeError);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });

  it('of a value that is not an array throws a TypeError that names the argument and the value', async () => {
    const { verifier } = await harness();
    for (const [jids, tokens, message] of [
      [JID, [tokenOf()], 'jids must be an array: got a value of type string'],
      [new Set([JID]), [tokenOf()], 'jids must be an array: got a value of type object'],
      [[JID], tokenOf(), 'tokens must be an array: got a value of type string'],
      [[JID], null, 'tokens must be an array: got null'],
      [undefined, undefined, 'jids must be an array: got undefined'],
    ]) {
      expect(() => verifier.verifyBatch(jids as never, tokens as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', message }),
      );
    }
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
  });

  it('leaves the arrays unchanged', async () => {
    const { verifier } = await harness();
    const [jids, tokens] = [Object.freeze([JID]), Object.freeze([tokenOf()])];
    expect(verifier.verifyBatch(jids, tokens).accepted).toBe(1);
  });

  it('gives the same verdicts for another form of token', async () => {
    for (const [digits, nonceDigits] of [
      [6, 34],
      [6, 32],
      [10, 30],
      [8, 16],
      [8, 255],
    ] as const) {
      const { verifier } = await harness({ digits, nonceDigits });
      const tokens = Array.from({ length: 9 }, (_, i) =>
        tokenOf({ digits, nonce: `${i}`.repeat(nonceDigits) }),
      );
      const jids = tokens.map(() => JID);
      expect(verifier.verifyBatch(jids, tokens).accepted, `${digits} and ${nonceDigits}`).toBe(9);
      expect(tokens.map((token) => verifier.verify(JID, token).code)).toEqual(
        jids.map(() => 'replayed'),
      );
    }
  });
});
