/** The Stream Processing Offload Protocol, by bytes: HAProxy's doc/SPOE.txt §3. */
import { describe, expect, it } from 'vitest';
import type { SpoeAnswer } from '../../../../src/gateway/protocols/spoe-question.js';
import { SpoeReader, SpoeWriter } from '../../../../src/gateway/protocols/spoe-wire.js';
import {
  ask,
  binary,
  FALSE,
  frame,
  HELLO_FIELDS,
  hello,
  ipv6,
  kv,
  message,
  NULL,
  notify,
  TRUE,
  text,
  uint32,
  varint,
} from './spoe-peer.js';
import { ACCEPTED, greeted, REFUSED, session, statusOf, turn } from './spoe-session.js';

describe('a variable-length integer', () => {
  // The bounds of SPOE.txt §3.1, and the encodings that HAProxy's encode_varint gives them.
  const KNOWN: [number, string][] = [
    [0, '00'],
    [239, 'ef'],
    [240, 'f000'],
    [2287, 'ff7f'],
    [2288, 'f08000'],
    [264431, 'ffff7f'],
    [264432, 'f0808000'],
    [33818863, 'ffffff7f'],
    [33818864, 'f080808000'],
    [4294967295, 'fff0fefe7e'],
  ];
  it.each(KNOWN)('of %d is written and read as %s', (value, hex) => {
    expect(Buffer.from(varint(value)).toString('hex')).toBe(hex);
    expect(Buffer.from(new SpoeWriter().varint(value).take()).toString('hex')).toBe(hex);
    expect(new SpoeReader(Buffer.from(hex, 'hex')).varint()).toBe(value);
  });

  it.each([
    ['never ends', 'ff'.repeat(40)],
    ['has more than 64 bits', `f0${'ff'.repeat(9)}7f`],
    ['is cut off', 'f080'],
  ])('is refused with status 4 if it %s', (_what, hex) => {
    expect(() => new SpoeReader(Buffer.from(hex, 'hex')).varint()).toThrow('SPOP status 4');
  });

  it('of 64 bits is read', () => {
    expect(new SpoeReader(Buffer.from(varint(2n ** 64n - 2049n))).varint()).toBe(
      Number(2n ** 64n - 2048n),
    );
  });
});

describe('HELLO', () => {
  it('is answered with version 2.0, the smaller frame size and pipelining, byte for byte', () => {
    const { agent, sent, closed } = session();
    agent.receive(hello());
    const payload =
      '0776657273696f6e' +
      '0803322e30' + // version = "2.0"
      '0e6d61782d6672616d652d73697a65' +
      '03fcf006' + // max-frame-size = 16380
      '0c6361706162696c6974696573' +
      '080a706970656c696e696e67'; // capabilities = "pipelining"
    const body = `65${'00000001'}0000${payload}`;
    const length = (body.length / 2).toString(16).padStart(8, '0');
    expect(Buffer.concat(sent).toString('hex')).toBe(length + body);
    expect(closed).toEqual([]);
    expect(agent.isClient).toBe(true);
  });

  it.each([
    ['256 bytes, the least', 256, 256],
    ['a gigabyte, more than this agent takes', 2 ** 30, 65536],
  ])('is answered with the smaller frame size if it names %s', (_what, theirs, ours) => {
    const { agent, said } = session();
    agent.receive(hello({ ...HELLO_FIELDS, 'max-frame-size': uint32(theirs) }));
    expect(said()[0]!.fields['max-frame-size']).toBe(ours);
  });

  it.each(['2.0', '1.0, 2.0', ' 2.1 ,1.5', '3.0,2.7'])(
    'is answered with version 2.0 if it offers %j',
    (versions) => {
      const { agent, said } = session();
      agent.receive(hello({ ...HELLO_FIELDS, 'supported-versions': text(versions) }));
      expect(said()[0]!.fields.version).toBe('2.0');
    },
  );

  const without = (name: string) =>
    Object.fromEntries(Object.entries(HELLO_FIELDS).filter(([key]) => key !== name));
  it.each([
    ['no version', without('supported-versions'), 5],
    ['no frame size', without('max-frame-size'), 6],
    ['no capabilities', without('capabilities'), 7],
    ['no version 2', { ...HELLO_FIELDS, 'supported-versions': text('1.0,3.0,20.0') }, 8],
    ['a version that is not a string', { ...HELLO_FIELDS, 'supported-versions': uint32(2) }, 4],
    ['frames that are too small', { ...HELLO_FIELDS, 'max-frame-size': uint32(255) }, 9],
    ['a frame size that is not a number', { ...HELLO_FIELDS, 'max-frame-size': text('9') }, 4],
    [
      'more bytes than its own frame size',
      { ...HELLO_FIELDS, 'max-frame-size': uint32(256), 'engine-id': text('x'.repeat(300)) },
      3,
    ],
  ])('with %s is refused with the status of SPOE.txt', (_what, fields, status) => {
    const { agent, said, closed } = session();
    agent.receive(hello(fields));
    expect(said().map(({ type }) => type)).toEqual(['disconnect']);
    expect([statusOf(said()), closed]).toEqual([status, [true]]);
  });

  it('of a health check is answered, and the connection ends without a fault', () => {
    const { agent, said, closed } = session();
    agent.receive(hello({ ...HELLO_FIELDS, healthcheck: TRUE }));
    expect(said().map(({ type }) => type)).toEqual(['hello']);
    expect(closed).toEqual([false]);
  });

  it('that says it is no health check keeps its connection open', () => {
    const { agent, closed } = session();
    agent.receive(hello({ ...HELLO_FIELDS, healthcheck: FALSE }));
    expect(closed).toEqual([]);
  });

  it.each([
    ['a NOTIFY', ask(1, {})],
    ['a frame of a type that does not exist', frame(77, [])],
    ['a HELLO of a stream', frame(1, kv(HELLO_FIELDS), [1, 1])],
  ])('must come first: %s before it ends the connection', (_what, bytes) => {
    const { agent, said, batches, closed } = session();
    agent.receive(bytes);
    expect([statusOf(said()), batches, closed]).toEqual([4, [], [true]]);
  });

  it('must not come twice', () => {
    const { agent, said, closed } = greeted();
    agent.receive(hello());
    expect([statusOf(said()), closed]).toEqual([4, [true]]);
  });
});

describe('NOTIFY', () => {
  it('is acknowledged with the account in variables of the transaction', () => {
    const { agent, said } = greeted({ answer: () => ACCEPTED });
    agent.receive(ask(70_000, { authorization: 'Basic x' }));
    expect(said()).toEqual([
      {
        type: 'ack',
        stream: 70_000,
        frame: 1,
        fields: {},
        vars: { jid: 'alice@example.com', user: 'alice', host: 'example.com', status: 200 },
      },
    ]);
  });

  it('is acknowledged byte for byte as the specification has it', () => {
    const { agent, sent } = greeted({
      answer: () => ({ status: 200, jid: 'a@b', user: 'a', host: 'b' }),
    });
    agent.receive(ask(2, {}));
    const actions =
      '010302' +
      '036a6964' +
      '0803614062' + // set-var txn jid = "a@b"
      '010302' +
      '0475736572' +
      '080161' + // set-var txn user = "a"
      '010302' +
      '04686f7374' +
      '080162' + // set-var txn host = "b"
      '010302' +
      '06737461747573' +
      '03c8'; // set-var txn status = 200
    const body = `67000000010201${actions}`;
    const length = (body.length / 2).toString(16).padStart(8, '0');
    expect(Buffer.concat(sent).toString('hex')).toBe(length + body);
  });

  it.each<[string, SpoeAnswer, object]>([
    ['a refusal', REFUSED, { challenge: 'Basic realm="r"', status: 401 }],
    ['an outage', { status: 503, retryAfter: '5' }, { retry_after: '5', status: 503 }],
  ])('unsets the variables of an earlier account if the answer is %s', (_what, answer, vars) => {
    const { agent, said } = greeted({ answer: () => answer });
    agent.receive(ask(1, {}));
    expect(said()[0]!.vars).toEqual({ jid: null, user: null, host: null, ...vars });
  });

  it('hands on the headers and the address of the client, and undefined for a missing header', () => {
    const { agent, questions } = greeted();
    agent.receive(ask(1, { authorization: 'Basic eA==', cookie: 'a=1; b=ü' }));
    agent.receive(ask(2, {}));
    expect(
      questions.map(({ authorization, cookie, client }) => [authorization, cookie, client]),
    ).toEqual([
      ['Basic eA==', 'a=1; b=ü', '192.0.2.7'],
      [undefined, undefined, '192.0.2.7'],
    ]);
  });

  it('joins several Cookie headers, and several Authorization headers so that they are no credentials', () => {
    const { agent, questions } = greeted();
    const args = [
      ['cookie', text('a=1')],
      ['cookie', NULL],
      ['cookie', binary('b=2')],
      ['authorization', text('Basic a')],
      ['authorization', text('Basic b')],
      ['other', uint32(7)],
      ['client', ipv6(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
    ] as const;
    agent.receive(notify(1, message(args.map(([name, value]) => [name, [...value]]))));
    expect(questions[0]).toMatchObject({
      cookie: 'a=1; b=2',
      authorization: 'Basic a, Basic b',
      client: '2001:db8::1',
    });
  });

  it.each([
    ['no message', []],
    ['a message of another name', [message([['authorization', text('Basic x')]], 'other')]],
    ['two of our messages', [message([]), message([])]],
  ])('with %s sets no variable', (_what, messages) => {
    const { agent, said, questions } = greeted({ answer: () => ACCEPTED });
    agent.receive(notify(1, ...messages));
    expect([said().map(({ vars }) => vars), questions]).toEqual([[{}], []]);
  });

  it('whose account is too long for a frame sets no variable, and counts as 503', () => {
    const jid = 'x'.repeat(16_380);
    const { agent, said, statuses } = greeted({
      answer: (question) => (question.cookie ? { ...ACCEPTED, jid } : ACCEPTED),
    });
    agent.receive(Buffer.concat([ask(1, { cookie: 'long' }), ask(2, {})]));
    expect(said().map(({ vars }) => Object.keys(vars).length)).toEqual([0, 4]);
    expect(statuses).toEqual([503, 200]);
  });

  it('whose verification fails sets no variable, and counts as 503', async () => {
    const { agent, said, statuses } = greeted({ answer: () => Promise.reject(new Error('x')) });
    agent.receive(ask(1, {}));
    await turn();
    expect(said().map(({ vars }) => vars)).toEqual([{}]);
    expect(statuses).toEqual([503]);
  });

  it('is verified in one call and answered in one write with the others of its piece of input', () => {
    const { agent, said, sent, batches } = greeted();
    agent.receive(Buffer.concat(Array.from({ length: 9 }, (_, i) => ask(i + 1, {}))));
    expect([batches, sent.length, said().length]).toEqual([[9], 1, 9]);
  });

  it('is answered as soon as its verdict is there, in any order', async () => {
    const pending = new Map<string, (answer: SpoeAnswer) => void>();
    const { agent, said, sent } = greeted({
      answer: ({ cookie = '' }) => new Promise((resolve) => pending.set(cookie, resolve)),
    });
    agent.receive(Buffer.concat([1, 2, 3].map((id) => ask(id, { cookie: `${id}` }))));
    pending.get('3')!(ACCEPTED);
    pending.get('1')!(REFUSED);
    await turn();
    expect(said().map(({ stream, vars }) => [stream, vars.status])).toEqual([
      [3, 200],
      [1, 401],
    ]);
    expect(sent).toHaveLength(1);
    pending.get('2')!(ACCEPTED);
    await turn();
    expect(said().map(({ stream }) => stream)).toEqual([3, 1, 2]);
  });
});
