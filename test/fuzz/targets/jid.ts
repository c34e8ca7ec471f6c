/** Preparing names: never throws, and what it gives is a bare JID that it leaves as it is. */
import { ok, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { nameprep, nodeprep, prepareJid, saslprep } from '../../../src/xmpp/prepare-jid.js';
import more from '../../vectors/prosody-stringprep-more.json' with { type: 'json' };
import { anyTextOf, type FuzzTarget, utf8 } from '../target.js';

const swapCase = (text: string) =>
  text.replace(/[a-z]+|[A-Z]+/g, (run) => (run < 'a' ? run.toLowerCase() : run.toUpperCase()));

function run(input: Uint8Array): void {
  const text = anyTextOf(input);
  for (const prepare of [nodeprep, nameprep, saslprep]) {
    const prepared = prepare(text);
    ok(prepared === null || (typeof prepared === 'string' && prepared.isWellFormed()));
  }
  const jid = prepareJid(text);
  // ASCII letters in another case are the same name, RFC 3454 table B.2.
  strictEqual(prepareJid(swapCase(text)), jid, 'another case');
  if (jid === null) return;
  strictEqual(prepareJid(jid), jid, 'prepared twice');
  const parts = jid.split('@');
  strictEqual(parts.length, 2);
  for (const part of parts) {
    const { length } = utf8(part);
    ok(length >= 1 && length <= 1023, 'the length of a part');
  }
  ok(!/[A-Z/\0-\x20\x7f]/.test(jid), 'a character that no prepared JID has');
}

export const target: FuzzTarget = {
  name: 'jid',
  testInputs: 200,
  seeds: [
    ...more.jids.map(([jid]) => utf8(jid!)),
    utf8('alice@example.com'),
    utf8(`${'a'.repeat(1023)}@b`),
  ],
  words: [
    '@',
    '.',
    '/',
    '[::1]',
    '\u00ad',
    '\u0130',
    '\u0131',
    '\u017f',
    '\u212a',
    '\u0345',
    '\u0308',
    '\u05d0',
    '\u0627',
    '\u06f0',
    '\ufdfa',
    '\ufb1d',
    '\u3002',
    '\uff0e',
    '\u{1f600}',
    '\u{2f800}',
    '\ud800',
    '\ufffe',
    'x'.repeat(300),
  ],
  inputs: fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc
        .tuple(
          fc.string({ unit: 'grapheme', maxLength: 20 }),
          fc.string({ unit: 'grapheme', maxLength: 20 }),
        )
        .map(([local, domain]) => `${local}@${domain}`),
      fc
        .tuple(fc.emailAddress(), fc.nat(9))
        .map(([mail, at]) => `${mail.slice(0, at)}\u00df${mail.slice(at)}`),
    )
    .map(utf8),
  open: async () => run,
};
