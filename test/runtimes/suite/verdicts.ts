/** One token: each verdict, the order of the checks, and input of any kind. */
import { type RejectCode, VERDICT_CODES } from 'totp-token';
import { type Case, equal } from './check.js';
import { JID, KEYS, OTHER_KEYS, STEP, tokenOf, withChar, withWrongSignature } from './reference.js';
import { world } from './world.js';

/** One fault each, with the verdict that it gets. */
const FAULTS: readonly (readonly [
  name: string,
  code: RejectCode,
  jid: string,
  spoil: (token: string) => string,
])[] = [
  ['nothing', 'malformed', JID, () => ''],
  ['a character less', 'malformed', JID, (token) => token.slice(0, -1)],
  ['a character more', 'malformed', JID, (token) => `${token}=`],
  ['a letter in the nonce', 'malformed', JID, (token) => withChar(token, 20, 'x')],
  ['a digit of another script', 'malformed', JID, (token) => withChar(token, 20, '٣')],
  ['a tab for the space', 'malformed', JID, (token) => withChar(token, 40, '\t')],
  ['a sign out of base64', 'malformed', JID, (token) => withChar(token, 50, '!')],
  ['spare bits set', 'malformed', JID, (token) => withChar(token, 83, 'B')],
  ['a lone surrogate', 'malformed', JID, (token) => withChar(token, 60, '\ud800')],
  ['no localpart', 'malformed', '@example.com', (token) => token],
  ['no at sign', 'malformed', 'alice', (token) => token],
  ['a resource', 'malformed', `${JID}/phone`, (token) => token],
  ['another host', 'unknown-host', 'alice@example.org', (token) => token],
  ['another OTP', 'wrong-otp', JID, (token) => withChar(token, 3, token[3] === '0' ? '1' : '0')],
  ['another nonce', 'bad-signature', JID, (token) => withChar(token, 20, '9')],
  ['another name', 'bad-signature', 'alicf@example.com', (token) => token],
  ['another signature', 'bad-signature', JID, withWrongSignature],
  [
    'a digit moved into the name',
    'malformed',
    `7${JID}`,
    (token) => token.slice(0, 39) + token.slice(40),
  ],
];

export const verdicts: readonly Case[] = [
  ...FAULTS.map(([name, code, jid, spoil]) => ({
    name: `a token with ${name} is ${code}, as text, as bytes and in a batch`,
    async run() {
      const { verifier } = await world();
      const good = await tokenOf();
      const spoilt = spoil(good);
      const bytes = new TextEncoder().encode(spoilt);
      equal(verifier.verify(jid, spoilt), { ok: false, code });
      equal(verifier.verify(new TextEncoder().encode(jid), bytes), { ok: false, code });
      equal(verifier.verifyBatch([JID, jid], ['', spoilt]).code(1), code);
      equal(verifier.verify(JID, good).code, 'accepted', 'the good one, afterwards');
    },
  })),
  {
    name: 'each step of the window is accepted with its drift, and the steps next to it are wrong-otp',
    async run() {
      const { verifier } = await world();
      for (const drift of [-1, 0, 1]) {
        const verdict = verifier.verify(JID, await tokenOf({ step: STEP + drift }));
        equal(verdict, { ok: true, code: 'accepted', step: STEP + drift, drift, keyIndex: 0 });
      }
      for (const drift of [-2, 2]) {
        equal(verifier.verify(JID, await tokenOf({ step: STEP + drift })).code, 'wrong-otp');
      }
    },
  },
  {
    name: 'each of two keys verifies, and the verdict names it',
    async run() {
      const { verifier } = await world({ hosts: { 'example.com': [OTHER_KEYS, KEYS] } });
      for (const [keyIndex, keys] of [OTHER_KEYS, KEYS].entries()) {
        const verdict = verifier.verify(JID, await tokenOf({ keys }));
        equal(verdict, { ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex });
      }
      verifier.setHost('example.com', KEYS);
      equal(verifier.verify(JID, await tokenOf({ keys: OTHER_KEYS, nonce: 8 })).code, 'wrong-otp');
      verifier.removeHost('example.com');
      equal(verifier.verify(JID, await tokenOf()).code, 'unknown-host');
    },
  },
  {
    name: 'a value that is not a string is malformed, and nothing throws',
    async run() {
      const { verifier } = await world();
      for (const value of [
        undefined,
        null,
        0,
        1n,
        true,
        {},
        [],
        Symbol.iterator,
        () => '',
        new ArrayBuffer(85),
      ]) {
        equal(verifier.verify(JID, value as never).code, 'malformed');
        equal(verifier.verify(value as never, await tokenOf()).code, 'malformed');
      }
    },
  },
  {
    name: 'names beyond ASCII are verified by their UTF-8 bytes',
    async run() {
      for (const name of ['жук', '李', '👩‍🚀', 'é'.normalize('NFD')]) {
        const jid = `${name}@example.com`;
        const { verifier } = await world();
        equal(verifier.verify(jid, await tokenOf({ jid })).code, 'accepted', name);
        equal(verifier.verify(JID, await tokenOf({ jid, nonce: 8 })).code, 'bad-signature', name);
      }
    },
  },
  {
    name: 'VERDICT_CODES are in the order of the checks',
    run: () =>
      equal(VERDICT_CODES, [
        'accepted',
        ...[
          'malformed',
          'unknown-host',
          'wrong-otp',
          'bad-signature',
          'replayed',
          'stale',
          'guard-unavailable',
        ],
      ]),
  },
];
