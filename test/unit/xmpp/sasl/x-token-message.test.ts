/** Which messages the server accepts, and how it answers them. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  prepareJid,
  type XTokenServer,
  type XTokenServerOptions,
} from '../../../../src/xmpp/index.js';
import { harness } from '../../token/harness.js';
import { KEYS, tokenOf } from '../../token/reference.js';
import { ACCEPTED, attempt, base64, HOST, JID, messageOf, utf8 } from './harness.js';

describe('a message', () => {
  let start: () => XTokenServer;
  beforeEach(async () => {
    const { verifier } = await harness({ hosts: { [HOST]: KEYS } });
    start = () => attempt((jid, token) => verifier.verify(jid, token));
  });

  it('with a good token succeeds once', async () => {
    const good = messageOf('', 'alice', tokenOf());
    const success = { kind: 'success', jid: JID, localpart: 'alice', verdict: ACCEPTED };
    expect(await start().respond(good)).toEqual(success);
    const refusal = { kind: 'failure', condition: 'not-authorized', reason: 'replayed', jid: JID };
    expect(await start().respond(good)).toEqual(refusal);
  });

  it('logs in the prepared jid of its name', async () => {
    expect(await start().respond(messageOf('', 'ALICE', tokenOf()))).toMatchObject({ jid: JID });
    const token = tokenOf({ jid: 'zoë@example.com' });
    const answer = await start().respond(messageOf('', 'ZOE\u0308', token));
    expect(answer).toMatchObject({ kind: 'success', jid: 'zoë@example.com', localpart: 'zoë' });
  });

  for (const authzid of [
    '',
    JID,
    'ALICE@Example.COM',
    'ａlice@example.com.',
    'al\u00ADice@example.com',
  ]) {
    it(`with the authzid "${authzid}" logs alice in`, async () => {
      const answer = await start().respond(messageOf(authzid, 'Alice', tokenOf()));
      expect(answer).toMatchObject({ kind: 'success', jid: JID });
    });
  }

  for (const authzid of [
    'alice',
    'bob@example.com',
    'alice@example.org',
    `${JID}/phone`,
    'example.com',
    `${JID} `,
    '@',
    '\u00AD',
  ]) {
    it(`with the authzid "${authzid}" is refused, and its token stays unused`, async () => {
      const answer = await start().respond(messageOf(authzid, 'alice', tokenOf()));
      const reason = 'invalid-authzid';
      expect(answer).toEqual({ kind: 'failure', condition: reason, reason });
      expect(await start().respond(messageOf('', 'alice', tokenOf()))).toMatchObject({
        kind: 'success',
      });
    });
  }

  for (const [why, malformed] of [
    ['empty', utf8('')],
    ['of one field', utf8('alice')],
    ['of two fields', utf8(`alice\0${tokenOf()}`)],
    ['of four fields', messageOf('', 'alice', `${tokenOf()}\0`)],
    ['without a name', messageOf('', '', tokenOf())],
    ['with a name that is empty once it is prepared', messageOf('', '\u00AD', tokenOf())],
    ['without a token', messageOf('', 'alice', '')],
    ['with a token that is empty once it is prepared', messageOf('', 'alice', '\u00AD')],
    ['with a jid as the name', messageOf('', JID, tokenOf())],
    ['with a full-width @ in the name', messageOf('', 'a\uFF20example.com', tokenOf())],
    ['with a field of 1024 bytes', messageOf('', 'a'.repeat(1024), tokenOf())],
    ['with an authzid of 1024 bytes', messageOf('a'.repeat(1024), 'alice', tokenOf())],
    ['of a megabyte', new Uint8Array(1 << 20)],
    [
      'that is not UTF-8',
      Uint8Array.of(0, 0x61, 0xff, 0, ...utf8(tokenOf({ jid: 'a\uFFFD@example.com' }))),
    ],
    ['with a surrogate in CESU-8', Uint8Array.of(0, 0xed, 0xa0, 0x80, 0, 0x61)],
  ] as const) {
    it(`${why} is malformed`, async () => {
      const reason = 'malformed-request';
      const failure = { kind: 'failure', condition: reason, reason };
      expect(await start().respond(malformed)).toEqual(failure);
      expect(await start().respondBase64(base64(malformed) || '=')).toEqual(failure);
    });
  }

  it('is verified as it was sent, even if its bytes change meanwhile', async () => {
    const sent = messageOf('', 'alice', tokenOf());
    const answer = start().respond(sent);
    sent.fill(0);
    expect(await answer).toMatchObject({ kind: 'success' });
  });

  it('of any bytes gets an answer, which never contains the token', async () => {
    const verify = vi.fn<XTokenServerOptions['verify']>(() => ACCEPTED);
    const field = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.string({ unit: 'binary', maxLength: 20 }).map(utf8),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 4 }), async (fields) => {
        const sent = Uint8Array.from(
          fields.flatMap((field, i) => (i === 0 ? [...field] : [0, ...field])),
        );
        verify.mockClear();
        const answer = await attempt(verify).respond(sent);
        expect(await attempt(verify).respondBase64(base64(sent) || '=')).toEqual(answer);
        if (answer.kind === 'success') {
          const [jid, token] = verify.mock.calls[0]!;
          expect(jid).toBe(answer.jid);
          // Preparing the jid again does not change it, so the verifier may use prepareJid, too.
          expect(prepareJid(jid)).toBe(jid);
          expect(token).not.toBe('');
          expect(Object.values(answer)).not.toContain(token);
        } else {
          expect(['malformed-request', 'invalid-authzid']).toContain(
            'condition' in answer && answer.condition,
          );
          expect(verify).not.toHaveBeenCalled();
        }
      }),
    );
  });
});

describe('base64', () => {
  const good = base64(messageOf('', 'alice', tokenOf()));

  it('is read as RFC 4648 §4 defines it', async () => {
    expect(await attempt().respondBase64(good)).toMatchObject({ kind: 'success' });
    // With every number of padding characters.
    for (const name of ['a', 'al', 'ali']) {
      const sent = base64(messageOf('', name, tokenOf()));
      expect(await attempt().respondBase64(sent), sent.slice(-2)).toMatchObject({
        kind: 'success',
      });
    }
  });

  for (const [why, text] of [
    ['is not padded', base64(messageOf('', 'a', tokenOf())).replace(/=+$/, '')],
    ['is padded too much', `${good}=`],
    ['has padding in the middle', 'AA==AAAA'],
    ['has white space', `${good.slice(0, 8)} ${good.slice(8)}`],
    ['ends with a line feed', `${good}\n`],
    ['is URL-safe', 'AP-_'],
    ['is one character', 'A'],
    ['has other characters', 'Zoë='],
    ['is only padding', '=='],
  ] as const) {
    it(`that ${why} is answered with incorrect-encoding`, async () => {
      const reason = 'incorrect-encoding';
      expect(await attempt().respondBase64(text)).toEqual({
        kind: 'failure',
        condition: reason,
        reason,
      });
    });
  }

  it.each(['A', '?'])('of 4 MiB of %s is malformed', async (char) => {
    const answer = await attempt().respondBase64(char.repeat(1 << 22));
    expect(answer).toMatchObject({ condition: 'malformed-request' });
  });

  it('longer than that of the longest message is malformed, whatever its characters', async () => {
    const answer = await attempt().respondBase64('?'.repeat(4097));
    expect(answer).toMatchObject({ condition: 'malformed-request' });
  });

  it('of the longest possible message is read', async () => {
    const [authzid, authcid, token] = ['a', 'b', 'c'].map((char) => char.repeat(1023));
    const longest = messageOf(authzid!, authcid!, token!);
    const reason = { condition: 'invalid-authzid' };
    expect(await attempt().respondBase64(base64(longest))).toMatchObject(reason);
    expect(await attempt().respond(longest)).toMatchObject(reason);
    expect(await attempt().respond(messageOf('', authcid!, token!))).toMatchObject({
      kind: 'success',
    });
  });
});
