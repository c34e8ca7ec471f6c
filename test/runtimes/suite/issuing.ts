/** Issuing: issued tokens verify, nonces are fresh, and keys are generated. */
import { createIssuer, createVerifier, generateKeys } from 'totp-token';
import { prepareJid } from 'totp-token/xmpp';
import { type Case, equal, throws } from './check.js';
import { JID, KEYS, OTHER_KEYS, otpOf, PERIOD_MS, STEP, tokenOf } from './reference.js';
import { world } from './world.js';

const clock = () => (STEP + 0.5) * PERIOD_MS;
const FORM = /^\d{40} [A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

export const issuing: readonly Case[] = [
  {
    name: 'a token has the OTP and the signature that WebCrypto computes for its nonce',
    async run() {
      const issuer = await createIssuer({
        hosts: { 'example.com': KEYS },
        clock,
        randomBytes: (target) => target.fill(10),
      });
      equal(issuer.issue(JID), await tokenOf({ nonce: 0 }));
    },
  },
  {
    name: '500 tokens have 500 nonces and the form of a token, and are accepted',
    async run() {
      const { verifier } = await world();
      const issuer = await createIssuer({ hosts: { 'example.com': KEYS }, clock });
      const tokens = Array.from({ length: 500 }, () => issuer.issue(JID));
      equal(
        tokens.filter((token) => !FORM.test(token)),
        [],
      );
      equal(new Set(tokens.map((token) => token.slice(8, 40))).size, 500);
      equal(
        verifier.verifyBatch(
          tokens.map(() => JID),
          tokens,
        ).accepted,
        500,
      );
    },
  },
  {
    name: 'the first of several keys signs, and timeMs replaces the clock',
    async run() {
      const issuer = await createIssuer({ hosts: { 'example.com': [OTHER_KEYS, KEYS] }, clock });
      equal(issuer.issue(JID).slice(0, 8), await otpOf(OTHER_KEYS, STEP));
      equal(issuer.issue(JID, { timeMs: 0 }).slice(0, 8), await otpOf(OTHER_KEYS, 0));
    },
  },
  {
    name: 'generated keys work with the present time and prepared names',
    async run() {
      const keys = generateKeys();
      equal(
        [/^[A-Z2-7]{32}$/.test(keys.otpSeed), /^[A-Z2-7]{52}$/.test(keys.tokenSecret)],
        [true, true],
      );
      const hosts = { 'example.com': keys };
      const issuer = await createIssuer({ hosts, prepareJid });
      const verifier = await createVerifier({ hosts, prepareJid, replay: { capacity: 10 } });
      equal(
        verifier.verify('alice@example.com', issuer.issue('ALICE@Example.COM')).code,
        'accepted',
      );
    },
  },
  {
    name: 'a jid of another host or of none causes an error that names the field',
    async run() {
      const issuer = await createIssuer({ hosts: { 'example.com': KEYS }, clock });
      for (const jid of ['alice@example.org', 'alice', '', 'alice@example.com/phone']) {
        await throws(() => issuer.issue(jid), {
          name: 'VerifierError',
          code: 'ERR_OPTION',
          field: 'jid',
        });
      }
    },
  },
];
