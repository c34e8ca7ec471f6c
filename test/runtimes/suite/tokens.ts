/** Tokens of other implementations: pyotp with Python's hmac, and vectors of stock Prosody. */
import { createIssuer, createVerifier } from 'totp-token';
import { prepareJid } from 'totp-token/xmpp';
import prosody from '../../vectors/prosody-tokens.json' with { type: 'json' };
import pyotp from '../../vectors/pyotp-tokens.json' with { type: 'json' };
import { type Case, equal } from './check.js';

interface Asked {
  readonly id: string;
  readonly category: string;
  readonly class: string;
  readonly description: string;
  readonly otpSeed: string;
  readonly tokenSecret?: string;
  readonly username: string;
  readonly host: string;
  readonly token?: string;
  readonly now: number;
  readonly recommended: string;
  readonly sequence?: unknown;
}

/**
 * One token, as text, and secrets that are text. The `seed` category is about how the original
 * reads a bad seed.
 */
const asked = (prosody as readonly unknown[] as readonly Asked[]).filter(
  (test) =>
    test.token !== undefined &&
    test.tokenSecret !== undefined &&
    !test.sequence &&
    test.category !== 'seed',
);

export const tokens: readonly Case[] = [
  ...pyotp.cases.map(({ otpSeed, tokenSecret, jid, unixSeconds, token }, i) => ({
    name: `pyotp token ${i + 1} is accepted once and issued alike: ${jid.slice(0, 30)} at ${unixSeconds} s`,
    async run() {
      const hosts = { [jid.split('@')[1] as string]: { otpSeed, tokenSecret } };
      const clock = () => unixSeconds * 1000;
      const verifier = await createVerifier({ hosts, clock, replay: { capacity: 10 } });
      const { ok, code } = verifier.verify(jid, token);
      equal({ ok, code }, { ok: true, code: 'accepted' });
      equal(verifier.verify(jid, token), { ok: false, code: 'replayed' });
      const nonce = Uint8Array.from(token.slice(8, 40), Number);
      const randomBytes = (target: Uint8Array) =>
        target.set(target.map((_, i) => nonce[i % 32] as number));
      const issuer = await createIssuer({ hosts, clock, randomBytes });
      equal(issuer.issue(jid), token);
    },
  })),
  ...asked.map((test) => ({
    name: `a token that stock Prosody was asked about gets its verdict: ${test.id}, ${test.description}`,
    async run() {
      const keys = { otpSeed: test.otpSeed, tokenSecret: test.tokenSecret as string };
      const verifier = await createVerifier({
        hosts: { [test.host]: keys },
        clock: () => test.now * 1000,
        replay: { capacity: 10 },
        prepareJid,
      });
      const { ok } = verifier.verify(`${test.username}@${test.host}`, test.token as string);
      equal(ok, test.recommended === 'accept');
    },
  })),
];
