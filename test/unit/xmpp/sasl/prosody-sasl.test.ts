/**
 * Every message of `prosody-sasl.json`, recorded from Prosody 0.12.3 with `mod_sasl_token`, and the
 * reasons for the answers that differ.
 */
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../../../src/index.js';
import {
  createXTokenServer,
  type SaslAnswer,
  type SaslCondition,
} from '../../../../src/xmpp/index.js';
import vectors from '../../../vectors/prosody-sasl.json' with { type: 'json' };

/** Messages that Prosody accepts or never answers, and the condition with which we refuse them. */
const DIFFERENCES: Readonly<Record<string, readonly [condition: SaslCondition, why: string]>> = {
  'sasl-003': [
    'invalid-authzid',
    'it ignores the authzid; RFC 4616 §2: a user acts for itself alone',
  ],
  'sasl-005': ['malformed-request', 'it ignores the authzid; RFC 4616 §2: fields are UTF-8'],
  'sasl-007': ['malformed-request', 'it ignores what follows a third NUL'],
  'sasl-015': ['not-authorized', 'it throws and never answers'],
  'sasl-067': ['not-authorized', 'it throws and never answers'],
  'sasl-081': ['not-authorized', 'text before the digits is no token here'],
  'sasl-085': ['not-authorized', 'base64 is canonical here'],
  'sasl-093': ['not-authorized', 'a nonce has 32 digits here'],
  'sasl-099': ['not-authorized', 'a nonce has 32 digits here, so none can move into the name'],
};

/** The answers to a message that is sent twice. */
async function answersTo(vector: (typeof vectors)[number]): Promise<[SaslAnswer, SaslAnswer]> {
  const { host, otpSeed, tokenSecret, now, messageBase64 } = vector;
  const verifier = await createVerifier({
    hosts: { [host]: { otpSeed, tokenSecret } },
    clock: () => now * 1000,
    replay: { capacity: 100 },
  });
  const attempt = () =>
    createXTokenServer({ host, verify: (jid, token) => verifier.verify(jid, token) });
  return [
    await attempt().respondBase64(messageBase64),
    await attempt().respondBase64(messageBase64),
  ];
}

describe('the X-TOKEN server', () => {
  for (const vector of vectors.filter(({ id }) => !(id in DIFFERENCES))) {
    it(`answers as Prosody does: ${vector.id}, ${vector.description}`, async () => {
      const { username: localpart, host, expected: kind, condition } = vector;
      const jid = `${localpart}@${host}`;
      const expected = kind === 'success' ? { kind, jid, localpart } : { kind, condition };
      const [answer, again] = await answersTo(vector);
      expect(answer).toMatchObject(expected);
      expect(again).toMatchObject(
        kind === 'success' ? { kind: 'failure', reason: 'replayed' } : expected,
      );
    });
  }
});

describe('the X-TOKEN server, unlike Prosody,', () => {
  for (const [id, [condition, why]] of Object.entries(DIFFERENCES)) {
    const vector = vectors.find((vector) => vector.id === id)!;
    it(`refuses ${id}, ${vector.description}: ${why}`, async () => {
      expect(vector.expected).not.toBe('failure');
      const failure = { kind: 'failure', condition };
      expect(await answersTo(vector)).toMatchObject([failure, failure]);
    });
  }
});
