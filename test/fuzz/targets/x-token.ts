/**
 * SASL X-TOKEN messages, as bytes and as base64: an answer always, and success for nobody but the
 * message's user.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import fc from 'fast-check';
import type { Verdict } from '../../../src/index.js';
import { createXTokenServer, type SaslAnswer } from '../../../src/xmpp/index.js';
import { nodeprep, prepareJid, saslprep } from '../../../src/xmpp/prepare-jid.js';
import { tokenOf } from '../../unit/token/reference.js';
import { type FuzzTarget, textOf, utf8 } from '../target.js';

const HOST = 'example.com';
const ACCEPTED: Verdict = { ok: true, code: 'accepted', step: 1, drift: 0, keyIndex: 0 };

/** Whom a message logs in, with which token: RFC 4616 §2 in its plainest reading. */
function plainly(message: Uint8Array): readonly [jid: string, token: string] | undefined {
  const fields = Buffer.from(message).toString('latin1').split('\0');
  const texts = fields.map((field) => textOf(Buffer.from(field, 'latin1')));
  const [authzid, authcid, token] = texts;
  if (
    fields.length !== 3 ||
    authzid === undefined ||
    authcid === undefined ||
    token === undefined
  ) {
    return undefined;
  }
  if (fields.some((field) => field.length > 1023)) return undefined;
  const name = saslprep(authcid);
  const localpart = name && nodeprep(name);
  const prepared = saslprep(token);
  if (!localpart || !prepared) return undefined;
  const jid = `${localpart}@${HOST}`;
  return authzid !== '' && prepareJid(authzid) !== jid ? undefined : [jid, prepared];
}

async function answerTo(
  send: (server: ReturnType<typeof createXTokenServer>) => Promise<SaslAnswer>,
): Promise<{ answer: SaslAnswer; asked: (readonly [string, string])[] }> {
  const asked: (readonly [string, string])[] = [];
  const server = createXTokenServer({
    host: HOST,
    verify: (jid, token) => {
      asked.push([jid, token]);
      return ACCEPTED;
    },
  });
  return { answer: await send(server), asked };
}

async function run(input: Uint8Array): Promise<void> {
  const expected = plainly(input);
  const base64 = input.length === 0 ? '=' : Buffer.from(input).toString('base64');
  for (const { answer, asked } of [
    await answerTo((server) => server.respond(input)),
    await answerTo((server) => server.respondBase64(base64)),
  ]) {
    deepStrictEqual(asked, expected === undefined ? [] : [expected]);
    strictEqual(answer.kind, expected === undefined ? 'failure' : 'success');
    if (answer.kind === 'success') strictEqual(answer.jid, expected![0]);
  }
  // The input itself where base64 should be.
  const text = Buffer.from(input).toString('latin1');
  const { answer, asked } = await answerTo((server) => server.respondBase64(text));
  const isEncoded =
    text !== '' && text !== '=' && Buffer.from(text, 'base64').toString('base64') === text;
  if (answer.kind === 'success') {
    ok(isEncoded, 'a text that is not base64');
    deepStrictEqual(asked, [plainly(Buffer.from(text, 'base64'))]);
  }
}

const message = (authzid: string, name: string, token = tokenOf()) =>
  utf8(`${authzid}\0${name}\0${token}`);

export const target: FuzzTarget = {
  name: 'x-token',
  testInputs: 700,
  seeds: [
    message('', 'alice'),
    message('Alice@Example.com', 'ALICE'),
    message('', 'zoe\u0308', `\u00ad${tokenOf()}`),
    utf8(Buffer.from(message('', 'alice')).toString('base64')),
  ],
  words: [
    '\0',
    '@',
    'example.com',
    '=',
    'alice',
    '\u00a0',
    '\u00ad',
    '\uff11',
    '\u0627',
    '\ufffd',
    '\u200b',
    '\ud83d',
  ],
  inputs: fc.oneof(
    fc
      .tuple(
        fc.constantFrom('', '', 'alice@example.com', 'ALICE@example.com.', 'bob@example.com'),
        fc.oneof(fc.constantFrom('alice', 'ALICE'), fc.string({ unit: 'grapheme', maxLength: 12 })),
        fc.oneof(fc.constant(tokenOf()), fc.string({ unit: 'binary', maxLength: 90 })),
      )
      .map(([authzid, name, token]) => message(authzid, name, token)),
    fc.uint8Array({ maxLength: 120 }),
    fc.base64String({ maxLength: 120 }).map(utf8),
  ),
  open: async () => run,
};
