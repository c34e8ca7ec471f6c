/**
 * Dovecot's protocol, cut anywhere: lines of its own form alone, one reply an attempt at most, OK
 * for nobody but the good.
 */
import { match, ok, strictEqual } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { DovecotSession } from '../../../src/gateway/protocols/dovecot.js';
import type { Verdict } from '../../../src/index.js';
import { type FuzzTarget, utf8 } from '../target.js';

const ACCEPTED: Verdict = { ok: true, code: 'accepted', step: 1, drift: 0, keyIndex: 0 };
const REFUSED: Verdict = { ok: false, code: 'wrong-otp' };
/** What the server may say: no field but these, whatever the client sends. */
const LINE =
  /^(?:VERSION\t1\t1|MECH\t[\w-]+\tplaintext|SPID\t1|CUID\t2|COOKIE\t0{32}|DONE|CONT\t\d{1,10}\t|OK\t\d{1,10}\tuser=[^\t\0-\x20]+|FAIL\t\d{1,10}(?:\tuser=[^\t\0-\x20]+)?(?:\t(?:authz|temp))?)$/u;

async function run(input: Uint8Array): Promise<void> {
  const text = Buffer.from(input).toString('latin1');
  let [said, accepted, closed] = ['', 0, 0];
  const session = new DovecotSession({
    check: (_jid, token) => {
      if (token !== 'good') return REFUSED;
      accepted++;
      return ACCEPTED;
    },
    refuse() {},
    realmOf: (service) => ({ host: 'example.com', isFixed: service === 'xmpp' }),
    send: (line) => {
      said += line;
    },
    close: () => {
      closed++;
    },
    processId: 1,
    connectionId: 2,
    cookie: '0'.repeat(32),
  });
  const length = 1 + (input[0] ?? 0);
  for (let at = 0; at < text.length && closed === 0; at += length)
    session.receive(text.slice(at, at + length));
  await setImmediate();
  ok(said.endsWith('\n'));
  const lines = said.split('\n').slice(0, -1);
  for (const line of lines) match(line, LINE);
  ok(
    lines.filter((line) => line.startsWith('OK')).length <= accepted,
    'a login without a good token',
  );
  ok(closed <= 1);
  const asked = text.split('\n').filter((line) => /^(?:AUTH|CONT)\t/.test(line)).length;
  ok(
    lines.filter((line) => /^(?:OK|FAIL|CONT)/.test(line)).length <= asked,
    'more answers than lines',
  );
  if (closed === 0 && text === GREETING + GOOD) strictEqual(accepted, 1);
}

const base64 = (message: string) => Buffer.from(message).toString('base64');
const GREETING = 'VERSION\t1\t1\nCPID\t7\n';
const resp = (message: string) => `resp=${base64(message)}\n`;
const GOOD = `AUTH\t1\tX-TOKEN\tservice=xmpp\t${resp('\0alice\0good')}`;
const PIECES = [
  GOOD,
  `AUTH\t2\tPLAIN\tservice=smtp\t${resp('\0alice@example.com\0good')}`,
  `AUTH\t3\tX-TOKEN\t${resp('bob@example.com\0alice\0good')}`,
  `AUTH\t4\tX-TOKEN\t${resp('\0alice\0bad')}`,
  'AUTH\t5\tX-TOKEN\tservice=xmpp\n',
  `CONT\t5\t${base64('\0alice\0good')}\n`,
  'CANCEL\t5\n',
  `AUTH\t6\tPLAIN\t${resp('\0a\tb\nOK\t1@example.com\0good')}`,
  'AUTH\t7\tNTLM\tresp==\n',
  'AUTH\t8\tX-TOKEN\tresp=%%%\n',
];

export const target: FuzzTarget = {
  name: 'dovecot',
  testInputs: 1000,
  seeds: [utf8(GREETING + GOOD), ...PIECES.map((piece) => utf8(GREETING + piece + piece))],
  words: [
    ...PIECES,
    '\t',
    '\n',
    '\r\n',
    '=',
    'resp=',
    'service=',
    'VERSION\t',
    'CPID\t',
    '\0',
    '4294967296',
  ],
  inputs: fc
    .tuple(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 20 })), {
        maxLength: 8,
      }),
      fc.boolean(),
    )
    .map(([pieces, isGreeted]) => utf8((isGreeted ? GREETING : '') + pieces.join(''))),
  open: async () => run,
};
