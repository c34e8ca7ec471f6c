/**
 * Names that look like another's, and spellings that prepare to the same JID. What each spelling
 * prepares to is Prosody's answer (test/vectors/prosody-stringprep-more.json) or stands in RFC
 * 3454; test/unit/xmpp holds preparation itself to them.
 */
import { describe, expect, it } from 'vitest';
import { createXTokenServer } from '../../src/xmpp/index.js';
import { harness } from '../unit/token/harness.js';
import { JID, KEYS, tokenOf } from '../unit/token/reference.js';
import { messageOf } from '../unit/xmpp/sasl/harness.js';
import more from '../vectors/prosody-stringprep-more.json' with { type: 'json' };
import { ALL_WAYS, type Entry, withRig } from './ways.js';

/** Spellings of one JID each, the prepared one first. */
const SPELLINGS: readonly (readonly string[])[] = [
  [
    JID,
    'ALICE@example.com',
    'alice@EXAMPLE.com',
    'alice@example.com.',
    'al\u00adice@example.com',
    'a\u200dlice@example.com',
    'a\u2060lice@ex\u00adample.com',
    '\uff41\uff4c\uff49\uff43\uff45@example.com',
    'alice@example\uff0ecom',
    '\u24d0lice@example.com',
    '\u{1d41a}lice@example.com',
    'alic\u212f@example.com',
    'al\u2170ce@example.com',
    'al\ufe0fice@example.com',
  ],
  ['kim@example.com', '\u212aim@example.com', 'KIM@example.com', 'k\u2071m@example.com'],
  [
    'zo\u00eb@example.com',
    'zoe\u0308@example.com',
    'ZO\u00cb@example.com',
    'ZOE\u0308@EXAMPLE.COM.',
  ],
  ['ss@example.com', '\u00df@example.com', 'SS@example.com', '\u017f\u017f@example.com'],
  [
    '12@example.com',
    '\uff11\uff12@example.com',
    '\u00b9\u00b2@example.com',
    '\u2460\u2461@example.com',
  ],
  ['\u03c3@example.com', '\u03a3@example.com', '\u03c2@example.com'],
];

/** Names that read like `alice`, and prepare to themselves: other users. */
const LOOK_ALIKES = [
  '\u0430lice',
  'al\u0456ce',
  'ali\u0441e',
  'alic\u0435',
  'a1ice',
  'alicе\u0301',
  '\u0251lice',
  'al\u0131ce',
  'alice\u0323',
  'alice.',
  'alic\u0117',
];

describe.each(ALL_WAYS)('spellings of one JID, asked as %s', (way) => {
  it('share their tokens: a token used under one is used under all', async () => {
    await withRig(way, { preparing: true }, async (rig) => {
      let nonce = 0;
      for (const spellings of SPELLINGS) {
        for (const first of spellings) {
          const token = tokenOf({ jid: spellings[0]!, nonce: nonce++ });
          expect(await rig.one(first, token), JSON.stringify(first)).toBe('accepted');
          expect(await rig.ask(spellings.map((jid) => ({ jid, token })))).toEqual(
            spellings.map(() => 'replayed'),
          );
        }
      }
    });
  });

  it('give one login when all of them come in one call', async () => {
    await withRig(way, { preparing: true }, async (rig) => {
      for (const spellings of SPELLINGS) {
        const token = tokenOf({ jid: spellings[0]! });
        expect(await rig.ask(spellings.map((jid) => ({ jid, token })))).toEqual([
          'accepted',
          ...spellings.slice(1).map(() => 'replayed'),
        ]);
      }
    });
  });

  it('accept no token that signs another spelling than the prepared one', async () => {
    await withRig(way, { preparing: true }, async (rig) => {
      for (const [prepared, ...spellings] of SPELLINGS) {
        const attacks = spellings.flatMap((jid) => [
          { jid, token: tokenOf({ jid }) },
          { jid: prepared!, token: tokenOf({ jid }) },
        ]);
        expect(await rig.ask(attacks)).toEqual(attacks.map(() => 'bad-signature'));
      }
    });
  });

  it('are users of their own without preparation', async () => {
    await withRig(way, {}, async (rig) => {
      for (const spellings of SPELLINGS) {
        const own = spellings.filter((jid) => jid.endsWith('@example.com'));
        const token = tokenOf({ jid: own[0]! });
        expect(await rig.ask(own.slice(1).map((jid) => ({ jid, token })))).toEqual(
          own.slice(1).map(() => 'bad-signature'),
        );
        expect(await rig.ask(own.map((jid) => ({ jid, token: tokenOf({ jid }) })))).toEqual(
          own.map(() => 'accepted'),
        );
      }
    });
  });

  it.each([true, false])(
    'names that look alike are different users after preparation: %s',
    async (preparing) => {
      await withRig(way, { preparing }, async (rig) => {
        const jids = LOOK_ALIKES.map((name) => `${name.normalize('NFC')}@example.com`);
        const token = tokenOf();
        expect(await rig.ask(jids.map((jid) => ({ jid, token })))).toEqual(
          jids.map(() => 'bad-signature'),
        );
        const own = jids.map((jid): Entry => ({ jid, token: tokenOf({ jid }) }));
        expect(await rig.ask(own.map((entry) => ({ ...entry, jid: JID })))).toEqual(
          jids.map(() => 'bad-signature'),
        );
        expect(await rig.ask(own)).toEqual(jids.map(() => 'accepted'));
        expect(await rig.one(JID, token)).toBe('accepted');
      });
    },
  );

  it('hosts that look alike are different hosts', async () => {
    await withRig(way, { preparing: true }, async (rig) => {
      for (const [domain, code] of [
        ['ex\u0430mple.com', 'unknown-host'],
        ['example.c\u043em', 'unknown-host'],
        ['examp1e.com', 'unknown-host'],
        ['xn--exmple-4nf.com', 'unknown-host'],
        ['example\u3002com', 'malformed'],
        ['example\uff61com', 'malformed'],
        ['example\u2024com', 'replayed'],
        ['example.com\uff0fx', 'malformed'],
      ] as const) {
        const jid = `alice@${domain}`;
        // U+2024 is a full stop to NFKC, RFC 3454 §4, so that spelling is of our own host.
        const token = tokenOf({ jid: JID });
        if (code === 'replayed') expect(await rig.one(JID, token)).toBe('accepted');
        expect(await rig.one(jid, token), domain).toBe(code);
      }
    });
  });

  it('tokens with digits of other scripts are malformed', async () => {
    await withRig(way, { preparing: true }, async (rig) => {
      const token = tokenOf();
      const attacks = [0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce, 0x1d7f6].flatMap((zero) =>
        Array.from({ length: 40 }, (_, at) => ({
          jid: JID,
          token:
            token.slice(0, at) +
            String.fromCodePoint(zero + Number(token[at])) +
            token.slice(at + 1),
        })),
      );
      expect(new Set(await rig.ask(attacks))).toEqual(new Set(['malformed']));
      expect(await rig.one(JID, token)).toBe('accepted');
    });
  });
});

describe('the spellings that Prosody prepares to one JID', () => {
  const known = more.jids.filter((pair): pair is [string, string] => pair[1] !== null);

  it('share their tokens', async () => {
    const domains = new Set(known.map(([, prepared]) => prepared.slice(prepared.indexOf('@') + 1)));
    const hosts = Object.fromEntries([...domains].map((domain) => [domain, KEYS]));
    for (const way of ALL_WAYS) {
      await withRig(way, { hosts, preparing: true }, async (rig) => {
        for (const [nonce, [spelling, prepared]] of known.entries()) {
          const token = tokenOf({ jid: prepared, nonce });
          expect(await rig.ask([{ jid: spelling, token }]), `${way}: ${spelling}`).toEqual([
            'accepted',
          ]);
          expect(await rig.one(prepared, token), `${way}: ${prepared}`).toBe('replayed');
        }
      });
    }
  });
});

describe('over SASL X-TOKEN', () => {
  it('give one login for all spellings of name and of token (RFC 4013)', async () => {
    const { verifier } = await harness();
    const token = tokenOf();
    const wide = token.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    const names = ['alice', 'ALICE', 'al\u00adice', '\uff41lice', '\u24d0lice'];
    const tokens = [wide, token, token.replace(' ', '\u00a0'), `\u00ad${token}`, `${token}\u2060`];
    const kinds: string[] = [];
    for (const name of names) {
      for (const spelling of tokens) {
        const attempt = createXTokenServer({
          host: 'example.com',
          verify: (jid, given) => verifier.verify(jid, given),
        });
        const answer = await attempt.respond(messageOf('', name, spelling));
        kinds.push(answer.kind === 'failure' ? answer.reason : answer.kind);
      }
    }
    expect(kinds[0]).toBe('success');
    expect(new Set(kinds.slice(1))).toEqual(new Set(['replayed']));
  });
});
