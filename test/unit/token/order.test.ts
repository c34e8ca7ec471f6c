import { describe, expect, it } from 'vitest';
import { type RejectCode, VERDICT_CODES } from '../../../src/index.js';
import { harness } from './harness.js';
import {
  JID,
  KEYS,
  nonceOf,
  otpOf,
  STEP,
  signatureOf,
  withChar,
  withWrongSignature,
} from './reference.js';

/** What a token is made of, before the verifier sees it. */
interface Draft {
  jid: string;
  prefix: string;
  space: string;
  signature: string;
}

/** One fault each, with the verdict it gets alone: in the order of the checks. */
const FAULTS: readonly { name: string; code: RejectCode; spoil: (draft: Draft) => void }[] = [
  {
    name: 'a nonce of 31 digits',
    code: 'malformed',
    spoil: (d) => (d.prefix = d.prefix.slice(0, -1)),
  },
  {
    name: 'a letter in the nonce',
    code: 'malformed',
    spoil: (d) => (d.prefix = withChar(d.prefix, 20, 'x')),
  },
  { name: 'a tab for the space', code: 'malformed', spoil: (d) => (d.space = '\t') },
  {
    name: 'a sign out of base64',
    code: 'malformed',
    spoil: (d) => (d.signature = withChar(d.signature, 5, '!')),
  },
  {
    name: 'spare bits set',
    code: 'malformed',
    spoil: (d) => (d.signature = withChar(d.signature, 42, 'B')),
  },
  {
    name: 'a jid without localpart',
    code: 'malformed',
    spoil: (d) => (d.jid = d.jid.replace('alice', '')),
  },
  {
    name: 'a slash in the localpart',
    code: 'malformed',
    spoil: (d) => (d.jid = d.jid.replace('alice', 'a/b')),
  },
  {
    name: 'an unknown host',
    code: 'unknown-host',
    spoil: (d) => (d.jid = d.jid.replace('example.com', 'example.org')),
  },
  {
    name: 'the OTP of two steps ago',
    code: 'wrong-otp',
    spoil: (d) => (d.prefix = otpOf(KEYS, STEP - 2) + d.prefix.slice(8)),
  },
  {
    name: 'a wrong signature',
    code: 'bad-signature',
    spoil: (d) => (d.signature = withWrongSignature(`${d.prefix} ${d.signature}`).slice(-44)),
  },
];

const draft = (): Draft => {
  const prefix = otpOf(KEYS, STEP) + nonceOf(1);
  return { jid: JID, prefix, space: ' ', signature: signatureOf(KEYS, prefix, JID) };
};
const textOf = ({ prefix, space, signature }: Draft) => prefix + space + signature;

describe('the order of the checks', async () => {
  const { verifier } = await harness();

  for (const [i, first] of FAULTS.entries()) {
    it(`gives ${first.code} for: ${first.name}`, () => {
      const spoilt = draft();
      first.spoil(spoilt);
      expect(verifier.verify(spoilt.jid, textOf(spoilt))).toEqual({ ok: false, code: first.code });
    });

    for (const second of FAULTS.slice(i + 1)) {
      it(`${first.name} comes before ${second.name}`, () => {
        // Spoilt in this order and the other: neither fault hides the other's place.
        for (const pair of [
          [first, second],
          [second, first],
        ] as const) {
          const spoilt = draft();
          for (const { spoil } of pair) spoil(spoilt);
          expect(verifier.verify(spoilt.jid, textOf(spoilt)).code).toBe(first.code);
        }
      });
    }
  }

  it('is that of VERDICT_CODES', () => {
    const order = FAULTS.map(({ code }) => VERDICT_CODES.indexOf(code));
    expect(order).toEqual([...order].sort());
    expect(VERDICT_CODES).toEqual([
      'accepted',
      'malformed',
      'unknown-host',
      'wrong-otp',
      'bad-signature',
      'replayed',
      'stale',
      'guard-unavailable',
    ]);
  });

  it('leaves a token unused after any fault', () => {
    expect(verifier.verify(JID, textOf(draft())).code).toBe('accepted');
  });
});

describe('a used token', () => {
  it('with a spoilt signature is bad-signature, not replayed', async () => {
    const { verifier } = await harness();
    const used = textOf(draft());
    verifier.verify(JID, used);
    expect(verifier.verify(JID, withWrongSignature(used)).code).toBe('bad-signature');
    expect(verifier.verify(JID, used).code).toBe('replayed');
  });

  it('that has expired is wrong-otp', async () => {
    const { verifier, at } = await harness();
    const used = textOf(draft());
    verifier.verify(JID, used);
    at(STEP + 2);
    expect(verifier.verify(JID, used).code).toBe('wrong-otp');
  });

  it('of a removed host is unknown-host', async () => {
    const { verifier } = await harness();
    const used = textOf(draft());
    verifier.verify(JID, used);
    verifier.removeHost('example.com');
    expect(verifier.verify(JID, used).code).toBe('unknown-host');
  });

  it('is still replayed in a full guard, where a fresh one is guard-unavailable', async () => {
    const { verifier } = await harness({ replay: { capacity: 1 } });
    const used = textOf(draft());
    expect(verifier.verify(JID, used).code).toBe('accepted');
    expect(verifier.verify(JID, used).code).toBe('replayed');
    const prefix = otpOf(KEYS, STEP) + nonceOf(2);
    expect(verifier.verify(JID, `${prefix} ${signatureOf(KEYS, prefix, JID)}`).code).toBe(
      'guard-unavailable',
    );
  });
});
