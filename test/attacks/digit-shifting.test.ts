/**
 * OTP, nonce and jid are signed as one text without separators. Whoever holds a token may cut that
 * text elsewhere: the signature stays right. Named cases stand in
 * test/attacks/original/digit-shifting.test.ts; here are all lengths, in all ways.
 */
import { describe, expect, it } from 'vitest';
import { STEP, tokenOf } from '../unit/token/reference.js';
import { ALL_WAYS, type Entry, withRig } from './ways.js';

const PREFIX = 40;

/** Token and jid with the border between nonce and jid moved right by `by` characters. */
function shifted({ jid, token }: Entry, by: number): Entry {
  const signed = token.slice(0, PREFIX) + jid;
  return {
    jid: signed.slice(PREFIX + by),
    token: signed.slice(0, PREFIX + by) + token.slice(PREFIX),
  };
}

/** The same, made as long as a token is again: digits go at `from`. */
function trimmed(entry: Entry, by: number, from: number): Entry {
  const { jid, token } = shifted(entry, by);
  return { jid, token: token.slice(0, from) + token.slice(from + by) };
}

function ownerOf(digits: number, name = 'alice', nonce = '7'.repeat(32)): Entry {
  const jid = `${'0123456789'.repeat(7).slice(0, digits)}${name}@example.com`;
  return { jid, token: tokenOf({ jid, nonce }) };
}

describe.each(ALL_WAYS)('digits moved between nonce and name, asked as %s', (way) => {
  it('fail for every length of the name’s digits, 0 to 64, by every number, either way', async () => {
    await withRig(way, {}, async (rig) => {
      for (let digits = 0; digits <= 64; digits++) {
        const owner = ownerOf(digits);
        const attacks: Entry[] = [];
        for (let by = -32; by <= digits; by++) if (by !== 0) attacks.push(shifted(owner, by));
        expect(await rig.ask(attacks), `${digits}`).toEqual(attacks.map(() => 'malformed'));
        expect(await rig.one(owner.jid, owner.token), `${digits}`).toBe('accepted');
      }
    });
  });

  it('fail for names of digits alone, down to an empty name', async () => {
    await withRig(way, {}, async (rig) => {
      for (let digits = 1; digits <= 64; digits++) {
        const owner = ownerOf(digits, '');
        const attacks = Array.from({ length: digits }, (_, i) => shifted(owner, i + 1));
        expect(await rig.ask(attacks), `${digits}`).toEqual(attacks.map(() => 'malformed'));
      }
    });
  });

  it('fail when as many digits are taken out elsewhere to keep the length', async () => {
    await withRig(way, {}, async (rig) => {
      for (const digits of [1, 2, 8, 31, 32]) {
        const owner = ownerOf(digits, 'alice', '31415926535897932384626433832795');
        const fromNonce: Entry[] = [];
        const fromOtp: Entry[] = [];
        for (let by = 1; by <= digits; by++) {
          for (let from = 8; from + by <= PREFIX; from++) fromNonce.push(trimmed(owner, by, from));
          fromOtp.push(trimmed(owner, by, 0));
        }
        expect(new Set(await rig.ask(fromNonce)), `${digits}`).toEqual(new Set(['bad-signature']));
        expect(new Set(await rig.ask(fromOtp)), `${digits}`).toEqual(new Set(['wrong-otp']));
        expect(await rig.one(owner.jid, owner.token)).toBe('accepted');
      }
    });
  });

  it('fail at a service that takes shorter OTPs or other nonces under the same keys', async () => {
    const owner = ownerOf(2);
    // A code of six digits is the end of that of eight: dropping two leaves it right, and takes two
    // signed digits away.
    const six: Entry = { jid: owner.jid, token: owner.token.slice(2) };
    const refilled: Entry = { jid: owner.jid.slice(2), token: shifted(owner, 2).token.slice(2) };
    await withRig(way, { digits: 6, nonceDigits: 32 }, async (rig) => {
      expect(await rig.ask([six, refilled])).toEqual(['bad-signature', 'malformed']);
    });
    await withRig(way, { digits: 6, nonceDigits: 34 }, async (rig) => {
      expect(await rig.ask([refilled])).toEqual(['bad-signature']);
    });
    // The nonce of one service two digits longer than that of the other: the length tells them
    // apart, both ways.
    await withRig(way, { nonceDigits: 34 }, async (rig) => {
      expect(await rig.ask([owner])).toEqual(['malformed']);
    });
  });

  it('make no token, except for the cut at 40 digits, when two users’ signed texts are equal', async () => {
    await withRig(way, {}, async (rig) => {
      const signed = `${tokenOf({ step: STEP }).slice(0, 8)}${'5'.repeat(96)}`;
      const entries = Array.from({ length: 89 }, (_, i): Entry => {
        const jid = `${signed.slice(8 + i)}bob@example.com`;
        return { jid, token: tokenOf({ jid, nonce: signed.slice(8, 8 + i) }) };
      });
      expect(await rig.ask(entries)).toEqual(
        entries.map((_, i) => (i === 32 ? 'accepted' : 'malformed')),
      );
    });
  });
});
