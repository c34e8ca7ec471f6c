/**
 * Several tenants behind one verifier: what one's keys sign, or one's users hold, is worth nothing
 * at another.
 */
import { describe, expect, it } from 'vitest';
import type { HostKeys } from '../../src/index.js';
import { createXTokenServer } from '../../src/xmpp/index.js';
import { harness } from '../unit/token/harness.js';
import { KEYS, OTHER_KEYS, STEP, tokenOf } from '../unit/token/reference.js';
import { messageOf } from '../unit/xmpp/sasl/harness.js';
import { ALL_WAYS, type Code, type Entry, withRig } from './ways.js';

/** All that two tenants can have in common. */
const TENANTS: Readonly<Record<string, HostKeys>> = {
  'one.example': KEYS,
  'two.example': OTHER_KEYS,
  'same-seed.example': { ...KEYS, tokenSecret: OTHER_KEYS.tokenSecret },
  'same-secret.example': { ...OTHER_KEYS, tokenSecret: KEYS.tokenSecret },
  'same-keys.example': KEYS,
  'longer-secret.example': { ...KEYS, tokenSecret: `${KEYS.tokenSecret}!` },
};
const NAMES = Object.keys(TENANTS);

interface Attack extends Entry {
  readonly expected: Code;
}

/**
 * What a token that `signer` issued for `owner` gets when it is shown for `jid`: from the rules,
 * not from our code.
 */
function attackOf(signer: string, owner: string, target: string, nonce: number): Attack {
  const [keys, own] = [TENANTS[signer]!, TENANTS[target]!];
  const jid = `alice@${target}`;
  const token = tokenOf({ keys, jid: `alice@${owner}`, step: STEP, nonce });
  if (keys.otpSeed !== own.otpSeed) return { jid, token, expected: 'wrong-otp' };
  const isSigned = keys.tokenSecret === own.tokenSecret && owner === target;
  return { jid, token, expected: isSigned ? 'accepted' : 'bad-signature' };
}

describe.each(ALL_WAYS)('a token of one tenant at another, asked as %s', (way) => {
  it('is rejected for every signer, every owner and every target', async () => {
    await withRig(way, { hosts: TENANTS }, async (rig) => {
      const attacks: Attack[] = [];
      for (const signer of NAMES) {
        for (const owner of NAMES) {
          for (const target of NAMES) attacks.push(attackOf(signer, owner, target, attacks.length));
        }
      }
      expect(await rig.ask(attacks)).toEqual(attacks.map(({ expected }) => expected));
      // Keys that two tenants share sign for both: that is the one way in, and it is the keyring's.
      const crossed = attacks.filter(
        ({ jid, expected }, i) =>
          expected === 'accepted' && !jid.endsWith(NAMES[Math.floor(i / NAMES.length ** 2)]!),
      );
      expect(new Set(crossed.map(({ jid }) => jid))).toEqual(
        new Set(['alice@one.example', 'alice@same-keys.example']),
      );
    });
  });

  it('is rejected while one of them rotates through the old keys of the other', async () => {
    await withRig(way, { hosts: { one: KEYS, two: OTHER_KEYS } }, async (rig) => {
      const [one, two] = ['alice@one', 'alice@two'] as const;
      const foreign = (nonce: number) => ({ jid: two, token: tokenOf({ jid: one, nonce }) });
      expect(await rig.ask([foreign(1)])).toEqual(['wrong-otp']);
      await rig.setHost('two', [OTHER_KEYS, KEYS]);
      await rig.setHost('one', OTHER_KEYS);
      expect(
        await rig.ask([foreign(1), { jid: one, token: tokenOf({ jid: one, nonce: 1 }) }]),
      ).toEqual(['bad-signature', 'wrong-otp']);
      expect(await rig.one(two, tokenOf({ jid: two, nonce: 2 }))).toBe('accepted');
      expect(await rig.one(one, tokenOf({ jid: two, nonce: 2 }))).toBe('wrong-otp');
    });
  });

  it('is rejected after a tenant was removed and another took its name or its place', async () => {
    await withRig(way, { hosts: { one: KEYS, two: OTHER_KEYS } }, async (rig) => {
      await rig.removeHost('one');
      expect(await rig.one('alice@one', tokenOf({ jid: 'alice@one' }))).toBe('unknown-host');
      await rig.setHost('one', OTHER_KEYS);
      await rig.setHost('ten', { ...OTHER_KEYS, tokenSecret: 'ten' });
      expect(
        await rig.ask(
          ['one', 'two', 'ten'].map((host) => ({
            jid: `a@${host}`,
            token: tokenOf({ jid: `a@${host}` }),
          })),
        ),
      ).toEqual(['wrong-otp', 'wrong-otp', 'wrong-otp']);
    });
  });
});

describe('two secrets that differ by NULs at their end alone', () => {
  it('are one key to HMAC (RFC 2104 §2), so they do not separate tenants', async () => {
    const padded: HostKeys = { ...KEYS, tokenSecret: `${KEYS.tokenSecret}\0` };
    const { verifier } = await harness({ hosts: { one: KEYS, two: padded } });
    const jid = 'alice@two';
    expect(verifier.verify(jid, tokenOf({ keys: KEYS, jid })).code).toBe('accepted');
    const longer = { ...KEYS, tokenSecret: `${KEYS.tokenSecret}0` };
    expect(verifier.verify(jid, tokenOf({ keys: longer, jid, nonce: 1 })).code).toBe(
      'bad-signature',
    );
  });
});

describe('over SASL X-TOKEN', async () => {
  const { verifier } = await harness({ hosts: { one: KEYS, two: KEYS } });
  const login = async (host: string, authzid: string, token: string) => {
    const attempt = createXTokenServer({
      host,
      verify: (jid, given) => verifier.verify(jid, given),
    });
    const answer = await attempt.respond(messageOf(authzid, 'alice', token));
    return answer.kind === 'failure' ? answer.reason : answer.kind;
  };

  it('the host of the stream counts, and not the host that the client names', async () => {
    const token = tokenOf({ jid: 'alice@one' });
    expect(await login('two', '', token)).toBe('bad-signature');
    expect(await login('two', 'alice@one', token)).toBe('invalid-authzid');
    expect(await login('one', 'alice@two', token)).toBe('invalid-authzid');
    expect(await login('one', 'alice@one', token)).toBe('success');
  });
});
