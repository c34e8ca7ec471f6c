/** HAProxy's protocol: input in pieces, malformed input, limits, and how connections end. */
import { describe, expect, it } from 'vitest';
import { MAX_QUESTIONS } from '../../../../src/gateway/protocols/spoe.js';
import type { SpoeAnswer } from '../../../../src/gateway/protocols/spoe-question.js';
import { ask, frame, haproxyDisconnect, hello, message, string, varint } from './spoe-peer.js';
import { ACCEPTED, greeted, REFUSED, session, statusOf, turn } from './spoe-session.js';

describe('input', () => {
  const stream = Buffer.concat([
    hello(),
    ask(1, { authorization: 'Basic x', cookie: 'y'.repeat(300) }),
    frame(88, [1, 2, 3]),
    ask(300_000, { cookie: 'a=b' }),
    haproxyDisconnect(),
  ]);
  const whole = session({ answer: () => ACCEPTED });
  whole.agent.receive(stream);

  it('is understood wherever it is cut in two', () => {
    expect(whole.said().map(({ type }) => type)).toEqual(['hello', 'disconnect']);
    for (let cut = 1; cut < stream.length; cut++) {
      const cutOnce = session({ answer: () => ACCEPTED });
      cutOnce.agent.receive(stream.subarray(0, cut));
      cutOnce.agent.receive(stream.subarray(cut));
      expect(cutOnce.questions.length).toBeLessThanOrEqual(2);
      expect(cutOnce.said().at(0)?.type).toBe('hello');
      expect([cutOnce.said().at(-1)?.type, cutOnce.closed]).toEqual(['disconnect', [false]]);
    }
  });

  it('is understood one byte at a time', () => {
    const { agent, said, questions, closed } = session({ answer: () => ACCEPTED });
    for (const byte of stream) agent.receive(Uint8Array.of(byte));
    expect(said().map(({ type }) => type)).toEqual(['hello', 'ack', 'ack', 'disconnect']);
    expect(questions.map(({ cookie }) => cookie)).toEqual(['y'.repeat(300), 'a=b']);
    expect(closed).toEqual([false]);
  });

  it.each([
    ['a line of HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 3],
    ['a frame of 4 GB', Buffer.from([255, 255, 255, 255]), 3],
    ['a frame one byte above the agreed size', Buffer.from([0, 0, 0x3f, 0xfd]), 3],
    ['a frame without a byte', Buffer.from([0, 0, 0, 0]), 4],
    ['a frame that ends in its metadata', Buffer.from([0, 0, 0, 6, 3, 0, 0, 0, 1, 1]), 4],
    ['an id that never ends', frame(3, [], [...Array(12).fill(255), 1]), 4],
    ['a fragment', frame(3, message([]), [1, 1], [0, 0, 0, 0]), 10],
    ['the rest of a fragment', frame(0, [1], [1, 1]), 10],
    ['a name that is longer than its frame', frame(3, [200, 65], [1, 1]), 4],
    ['a name of 2^60 bytes', frame(3, varint(2n ** 60n), [1, 1]), 4],
    ['a message without its number of arguments', frame(3, string('totp-token'), [1, 1]), 4],
    ['fewer arguments than announced', frame(3, [...string('totp-token'), 2, 1, 65, 0], [1, 1]), 4],
    ['a type that does not exist', frame(3, [...string('x'), 1, 1, 65, 10], [1, 1]), 4],
    ['an address that is cut off', frame(3, [...string('x'), 1, 1, 65, 6, 1, 2], [1, 1]), 4],
    ['a frame that only an agent may send', frame(103, [], [1, 1]), 4],
  ])('with %s ends the connection with the status of SPOE.txt', (_what, bytes, status) => {
    const { agent, said, closed, batches } = greeted();
    agent.receive(Buffer.concat([ask(1, {}), bytes]));
    agent.receive(ask(2, {}));
    expect(said().map(({ type }) => type)).toEqual(['disconnect']);
    expect([statusOf(said()), closed, batches]).toEqual([status, [true], []]);
    expect(JSON.stringify(said())).not.toMatch(/token|session|otp/i);
  });

  it('with a wrong byte at any place of a question causes no error but a DISCONNECT', () => {
    const good = ask(1, { authorization: 'Basic eA==' });
    for (let at = 0; at < good.length; at++) {
      for (const byte of [0, 1, 6, 15, 16, 127, 128, 239, 240, 255]) {
        const bad = Buffer.from(good);
        bad[at] = byte;
        const { agent, said, closed } = greeted();
        agent.receive(bad);
        agent.receive(Buffer.alloc(70_000));
        expect(said().at(-1)?.type).toBe('disconnect');
        expect(closed).toEqual([true]);
      }
    }
  });

  it('that stops within a frame is known by a number of that frame, so that its time can run out', () => {
    const { agent } = greeted();
    expect(agent.part).toBeUndefined();
    agent.receive(ask(1, {}).subarray(0, 3));
    const first = agent.part;
    expect(first).toBeTypeOf('number');
    agent.receive(ask(1, {}).subarray(3, 9));
    expect(agent.part).toBe(first);
    agent.receive(Buffer.concat([ask(1, {}).subarray(9), ask(2, {}).subarray(0, 9)]));
    expect(agent.part).not.toBe(first);
    agent.receive(ask(2, {}).subarray(9));
    expect(agent.part).toBeUndefined();
  });

  it('of a frame that takes too long ends the connection with status 2', () => {
    const { agent, said, closed } = greeted();
    agent.receive(ask(1, {}).subarray(0, 9));
    agent.timeOut();
    expect([statusOf(said()), closed]).toEqual([2, [true]]);
  });
});

describe('an agent', () => {
  it('verifies MAX_QUESTIONS at a time, and answers the others later', async () => {
    const pending: ((answer: SpoeAnswer) => void)[] = [];
    const { agent, said, reads, batches } = greeted({
      answer: () => new Promise((resolve) => pending.push(resolve)),
    });
    const count = MAX_QUESTIONS + 40;
    agent.receive(Buffer.concat(Array.from({ length: count }, (_, i) => ask(i + 1, {}))));
    expect([pending.length, reads, batches]).toEqual([MAX_QUESTIONS, [false], [MAX_QUESTIONS]]);
    pending[7]!(REFUSED);
    await turn();
    expect(pending).toHaveLength(MAX_QUESTIONS + 1);
    for (const resolve of pending) resolve(REFUSED);
    await turn();
    for (const resolve of pending) resolve(REFUSED);
    await turn();
    expect(new Set(said().map(({ stream }) => stream)).size).toBe(count);
    expect(reads).toEqual([false, true]);
  });

  it('verifies nothing while HAProxy does not read', () => {
    let hasRoom = false;
    const { agent, said, batches, reads } = greeted({ hasRoom: () => hasRoom });
    // The answer to HELLO has filled the socket.
    agent.receive(ask(1, {}));
    expect(batches).toEqual([]);
    hasRoom = true;
    agent.release();
    expect([said().length, reads]).toEqual([1, [false, true]]);
  });
});

describe('a connection', () => {
  it('that HAProxy ends is answered with a DISCONNECT of status 0', () => {
    const { agent, said, closed } = greeted();
    agent.receive(haproxyDisconnect(2));
    expect(said()).toMatchObject([{ type: 'disconnect', fields: { 'status-code': 0 } }]);
    expect(closed).toEqual([false]);
  });

  it('that the agent ends answers the questions under way, and verifies no later ones', async () => {
    const pending: ((answer: SpoeAnswer) => void)[] = [];
    const { agent, said, closed } = greeted({
      answer: () => new Promise((resolve) => pending.push(resolve)),
    });
    agent.receive(ask(1, {}));
    agent.drain();
    agent.receive(ask(2, {}));
    expect([closed, pending.length]).toEqual([[], 1]);
    pending[0]!(ACCEPTED);
    await turn();
    expect(said()).toMatchObject([
      { type: 'ack', stream: 1 },
      { type: 'disconnect', fields: { 'status-code': 0 } },
    ]);
    expect(closed).toEqual([false]);
  });

  it('whose client sends no more is closed after the answers', async () => {
    const { agent, said, closed } = greeted({ answer: async () => ACCEPTED });
    agent.receive(ask(1, {}));
    agent.end();
    await turn();
    expect(said().map(({ type }) => type)).toEqual(['ack', 'disconnect']);
    expect(closed).toEqual([false]);
  });

  it('ends once, and sends nothing after that', () => {
    const { agent, closed, sent } = greeted();
    agent.receive(haproxyDisconnect());
    const before = sent.length;
    agent.receive(ask(1, {}));
    agent.timeOut();
    agent.drain();
    agent.release();
    agent.end();
    expect([closed, sent.length]).toEqual([[false], before]);
  });
});
