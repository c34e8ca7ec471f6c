/**
 * HAProxy's protocol, cut anywhere: frames of an agent alone, one ACK a question at most, an account
 * for nobody but the good, a DISCONNECT for whatever breaks the protocol, and then nothing.
 */
import { ok, strictEqual } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { SpoeSession } from '../../../src/gateway/protocols/spoe.js';
import {
  ask,
  frame,
  HELLO_FIELDS,
  haproxyDisconnect,
  heard,
  hello,
  message,
  NULL,
  notify,
  TRUE,
  text,
  uint32,
} from '../../unit/gateway/protocols/spoe-peer.js';
import type { FuzzTarget } from '../target.js';

const GOOD = 'Basic Z29vZA==';

async function run(input: Uint8Array): Promise<void> {
  const sent: Uint8Array[] = [];
  let [asked, accepted, closed, faults] = [0, 0, 0, 0];
  const session = new SpoeSession({
    answer: (questions) =>
      questions.map(({ authorization, client }) => {
        asked++;
        ok(client === undefined || /^[\d.]+$|^[\da-f:.]+$/.test(client));
        if (authorization !== GOOD) return { status: 401, challenge: 'Basic' } as const;
        accepted++;
        const account = { status: 200, jid: 'a@b', user: 'a', host: 'b' } as const;
        return asked % 2 === 0 ? account : Promise.resolve(account);
      }),
    send: (bytes) => {
      strictEqual(closed, 0, 'something was sent after the end');
      sent.push(bytes);
    },
    close: (isFault) => {
      closed++;
      if (isFault) faults++;
    },
  });
  const length = 1 + (input[0] ?? 0);
  for (let at = 1; at < input.length && closed === 0; at += length)
    session.receive(input.subarray(at, at + length));
  await setImmediate();
  const said = heard(Buffer.concat(sent));
  const acks = said.filter(({ type }) => type === 'ack');
  ok(acks.filter(({ vars }) => 'jid' in vars && vars.jid !== null).length <= accepted);
  ok(acks.length <= (input.length >> 3) + 1, 'more answers than frames');
  ok(closed <= 1);
  strictEqual(said.filter(({ type }) => type === 'hello').length, session.isClient ? 1 : 0);
  const ends = said.filter(({ type }) => type === 'disconnect');
  ok(ends.length <= closed);
  if (ends.length > 0) strictEqual(said.at(-1), ends[0]);
  if (faults > 0) ok(Number(ends[0]?.fields['status-code']) > 0, 'a fault without its status');
}

const PIECES = [
  hello(),
  hello({ ...HELLO_FIELDS, healthcheck: TRUE }),
  hello({ ...HELLO_FIELDS, 'max-frame-size': uint32(256) }),
  ask(1, { authorization: GOOD }),
  ask(70_000, { authorization: GOOD, cookie: 'a=1' }),
  ask(2, { cookie: 'x'.repeat(300) }),
  notify(3, message([['authorization', NULL]], 'other'), message([['authorization', text(GOOD)]])),
  notify(4, message([]), message([])),
  frame(3, message([]), [1, 1], [0, 0, 0, 0]),
  frame(0, [], [1, 1]),
  frame(99, [1, 2, 3]),
  haproxyDisconnect(),
];
/** How it is cut, then what is sent. */
const input = (cut: number, ...pieces: Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from([cut]), ...pieces]));

export const target: FuzzTarget = {
  name: 'spoe',
  testInputs: 2000,
  seeds: [255, 0, 7].flatMap((cut) => PIECES.map((piece) => input(cut, PIECES[0]!, piece, piece))),
  words: [
    ...PIECES.map((piece) => piece.toString('latin1')),
    '\0\0\0',
    '\xff\xff\xff\xff',
    '\xf0\x80\x80\0',
    'authorization',
    'totp-token',
  ],
  inputs: fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.boolean(),
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 20 })), {
        maxLength: 8,
      }),
    )
    .map(([cut, isGreeted, pieces]) => input(cut, ...(isGreeted ? [PIECES[0]!] : []), ...pieces)),
  open: async () => run,
};
