import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../src/index.js';
import { harness } from './harness.js';
import { JID, KEYS, tokenOf, withWrongSignature } from './reference.js';

/** A verifier with a preparation that notes what it was asked. */
async function asking(answer: (jid: string) => unknown) {
  const asked: string[] = [];
  const made = await harness({
    prepareJid: (jid) => {
      asked.push(jid);
      return answer(jid) as string | null;
    },
  });
  asked.length = 0;
  return { ...made, asked };
}
const lower = (jid: string) => jid.toLowerCase();

describe('prepareJid', () => {
  it('is not asked about a jid in plain lower-case ASCII', async () => {
    const { verifier, asked } = await asking(lower);
    expect(verifier.verify(JID, tokenOf()).code).toBe('accepted');
    expect(verifier.verifyBatch([JID], [tokenOf({ nonce: 1 })]).accepted).toBe(1);
    expect(verifier.verifyLines(`${JID}\t${tokenOf({ nonce: 2 })}`).accepted).toBe(1);
    expect(asked).toEqual([]);
  });

  for (const jid of [
    'ALICE@example.com',
    'alicE@example.com',
    'alice@Example.com',
    'aliceé@example.com',
  ]) {
    it(`is asked about ${jid}, and its answer is what was signed`, async () => {
      const { verifier, asked } = await asking((jid) => lower(jid).replace('é', ''));
      expect(verifier.verify(jid, tokenOf()).code).toBe('accepted');
      expect(verifier.verify(new TextEncoder().encode(jid), tokenOf()).code).toBe('replayed');
      expect(verifier.verify(JID, tokenOf()).code).toBe('replayed');
      expect(verifier.verifyBatch([JID, jid], ['', tokenOf()]).code(1)).toBe('replayed');
      expect(verifier.verifyLines(`${jid}\t${tokenOf()}`).code(0)).toBe('replayed');
      expect(asked).toEqual([jid, jid, jid, jid]);
    });
  }

  it('is asked about a host that is not known, as preparation may make it known', async () => {
    const { verifier, asked } = await asking((jid) => jid.replace(/\.$/, ''));
    expect(verifier.verify('alice@example.com.', tokenOf()).code).toBe('accepted');
    expect(verifier.verifyBatch(['alice@example.com.', JID], [tokenOf(), tokenOf()]).codes).toEqual(
      Uint8Array.of(5, 5),
    );
    expect(verifier.verify('alice@example.org', tokenOf()).code).toBe('unknown-host');
    expect(asked).toEqual(['alice@example.com.', 'alice@example.com.', 'alice@example.org']);
  });

  it('is not asked about a jid with a resource or a second at sign', async () => {
    const { verifier, asked } = await asking(lower);
    for (const jid of ['alice@example.com/phone', 'alice@other/phone', 'alice@example.com@other']) {
      expect(verifier.verify(jid, tokenOf()).code, jid).toBe('malformed');
    }
    expect(asked).toEqual([]);
  });

  it('is asked once for each such jid of a batch and of lines, in order', async () => {
    const { verifier, asked } = await asking(lower);
    const jids = [
      'ALICE@example.com',
      JID,
      'Bob@example.com',
      'carol@example.com',
      'DAVE@example.com',
    ];
    const tokens = jids.map((jid, nonce) => tokenOf({ jid: lower(jid), nonce }));
    expect(verifier.verifyBatch(jids, tokens).accepted).toBe(5);
    expect(asked).toEqual([jids[0], jids[2], jids[4]]);
    asked.length = 0;
    const lines = jids.map((jid, i) => `${jid}\t${tokens[i]}\n`).join('');
    expect([...verifier.verifyLines(lines)].map(({ code }) => code)).toEqual(
      jids.map(() => 'replayed'),
    );
    expect(asked).toEqual([jids[0], jids[2], jids[4]]);
  });

  it('is not asked when the token is malformed anyway', async () => {
    const { verifier, asked } = await asking(lower);
    const token = tokenOf();
    for (const bad of ['', 'nonsense', token.slice(1), `${token} `, `${token.slice(0, -1)}A`]) {
      expect(verifier.verify('ALICE@example.com', bad).code).toBe('malformed');
    }
    for (const jid of [
      'ALICE',
      '@EXAMPLE.COM',
      'ALICE@',
      'A B@example.com',
      `${'A'.repeat(1024)}@example.com`,
    ]) {
      expect(verifier.verify(jid, token).code, jid).toBe('malformed');
    }
    expect(asked).toEqual([]);
  });

  it('gives a wrong signature the verdict that the prepared jid gets', async () => {
    const { verifier } = await asking(lower);
    expect(verifier.verify('ALICE@example.com', withWrongSignature(tokenOf())).code).toBe(
      'bad-signature',
    );
    expect(verifier.verify('ALICE@example.org', tokenOf()).code).toBe('unknown-host');
  });

  for (const [name, answer] of [
    ['null', () => null],
    ['undefined', () => undefined],
    ['a number', () => 7],
    ['an object', () => ({})],
    ['an empty text', () => ''],
    ['no jid', () => 'alice'],
    ['a lone surrogate', () => 'alice\ud800@example.com'],
    ['too long a jid', () => `${'a'.repeat(5000)}@example.com`],
    [
      'an exception',
      () => {
        throw new Error('refused');
      },
    ],
  ] as const) {
    it(`makes the token malformed with the answer ${name}, alone and in a batch`, async () => {
      const { verifier } = await asking((jid) => (jid.startsWith('ALICE') ? answer() : lower(jid)));
      expect(verifier.verify('ALICE@example.com', tokenOf())).toEqual({
        ok: false,
        code: 'malformed',
      });
      const verdicts = verifier.verifyBatch([JID, 'ALICE@example.com'], [tokenOf(), tokenOf()]);
      expect([...verdicts].map(({ code }) => code)).toEqual(['accepted', 'malformed']);
    });
  }

  it('is not asked again when its answer would itself need preparation', async () => {
    const { verifier, asked } = await asking((jid) => jid);
    const jid = 'Ålice@example.com';
    expect(verifier.verify(jid, tokenOf({ jid })).code).toBe('accepted');
    expect(asked).toEqual([jid]);
  });

  it('gets bytes as their text, with a byte order mark, and no bytes that are not UTF-8', async () => {
    const { verifier, asked } = await asking((jid) => jid);
    const jid = '\ufeffalice@example.com';
    expect(verifier.verify(new TextEncoder().encode(jid), tokenOf({ jid })).code).toBe('accepted');
    expect(asked).toEqual([jid]);
    const broken = Uint8Array.from([0xc3, ...Buffer.from('@example.com')]);
    expect(verifier.verify(broken, tokenOf({ jid: broken })).code).toBe('malformed');
    expect(asked).toHaveLength(1);
  });

  it('may use the verifier itself', async () => {
    const made = await harness({
      prepareJid: (jid) => {
        if (jid.startsWith('ALICE'))
          expect(made.verifier.verify('bob@example.com', '').code).toBe('malformed');
        return lower(jid);
      },
    });
    const jids = ['ALICE@example.com', 'carol@example.com', 'ALICE2@example.com'];
    const tokens = jids.map((jid) => tokenOf({ jid: lower(jid) }));
    expect(made.verifier.verify(jids[0]!, tokens[0]!).code).toBe('accepted');
    expect([...made.verifier.verifyBatch(jids, tokens)].map(({ code }) => code)).toEqual([
      'replayed',
      'accepted',
      'accepted',
    ]);
  });

  it('is optional, and without it a jid is compared byte by byte', async () => {
    const { verifier } = await harness();
    expect(verifier.verify('ALICE@example.com', tokenOf()).code).toBe('bad-signature');
    expect(verifier.verify('ALICE@example.com', tokenOf({ jid: 'ALICE@example.com' })).code).toBe(
      'accepted',
    );
  });

  it('prepares the issuer’s jids and the hosts too', async () => {
    const hosts = { 'EXAMPLE.com': KEYS };
    const issuer = await createIssuer({ hosts, prepareJid: lower });
    const { verifier } = await harness({ hosts, clock: Date.now });
    expect(verifier.hosts).toEqual(['example.com']);
    expect(verifier.verify(JID, issuer.issue('ALICE@Example.COM')).code).toBe('accepted');
  });
});
