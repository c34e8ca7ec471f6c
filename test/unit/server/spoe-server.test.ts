/** The server of HAProxy's protocol on real sockets: what is answered, what is cut off, and when. */
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { SpoeAnswer } from '../../../src/gateway/protocols/spoe-question.js';
import { type SpoeHooks, SpoeServer } from '../../../src/server/spoe.js';
import { ask, haproxyDisconnect, heard, hello } from '../gateway/protocols/spoe-peer.js';
import { started } from './server-harness.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const REFUSED: SpoeAnswer = { status: 401, challenge: 'Basic' };

/** A server whose clock is a number. */
async function server(hooks: Partial<SpoeHooks> = {}, connections = 10) {
  const state = { nowMs: 0, refused: 0 };
  const spoe = new SpoeServer(
    { connections },
    {
      answer: (questions) => questions.map(() => REFUSED),
      refused: () => {
        state.refused++;
      },
      clock: () => state.nowMs,
      ...hooks,
    },
  );
  const at = await spoe.listen('127.0.0.1:0', { mode: '0660' });
  cleanUps.push(() => spoe.close(0));
  return { spoe, state, port: Number(at.split(':')[1]) };
}

/** HAProxy, written by hand. */
async function client(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  cleanUps.push(() => socket.destroy());
  const parts: Buffer[] = [];
  socket.on('data', (bytes) => parts.push(bytes));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const said = () => heard(Buffer.concat(parts));
  const until = async (count: number) => {
    while (said().length < count) await once(socket, 'data');
    return said();
  };
  return { socket, said, until, closed };
}

const statusOf = (said: ReturnType<typeof heard>) => said.at(-1)?.fields['status-code'];

describe('a connection', () => {
  it('that sends nothing for ten seconds gets the status for a timeout, and is cut off', async () => {
    const { spoe, state, port } = await server();
    const { said, closed } = await client(port);
    await new Promise((resolve) => setImmediate(resolve));
    state.nowMs = 9_999;
    spoe.cutOffOverdue();
    expect(state.refused).toBe(0);
    state.nowMs = 10_000;
    spoe.cutOffOverdue();
    await closed;
    expect([statusOf(said()), state.refused]).toEqual([2, 1]);
  });

  it('may be silent for days once it has said HELLO, but not within a frame', async () => {
    const { spoe, state, port } = await server();
    const { socket, said, until, closed } = await client(port);
    socket.write(hello());
    await until(1);
    state.nowMs = 1e9;
    spoe.cutOffOverdue();
    const question = ask(1, {});
    socket.write(Buffer.concat([question, question.subarray(0, 9)]));
    await until(2);
    state.nowMs += 9_999;
    // The rest of one frame, and the beginning of the next: another frame, another ten seconds.
    socket.write(Buffer.concat([question.subarray(9), question.subarray(0, 9)]));
    await until(3);
    state.nowMs += 9_999;
    spoe.cutOffOverdue();
    expect(state.refused).toBe(0);
    state.nowMs += 1;
    spoe.cutOffOverdue();
    await closed;
    expect([said().map(({ type }) => type), statusOf(said()), state.refused]).toEqual([
      ['hello', 'ack', 'ack', 'disconnect'],
      2,
      1,
    ]);
  });

  it('that sends a frame byte by byte gains no time by it', async () => {
    const { spoe, state, port } = await server();
    const { socket, until, closed } = await client(port);
    socket.setNoDelay();
    socket.write(hello());
    await until(1);
    const question = ask(1, {});
    for (const [second, byte] of question.subarray(0, 10).entries()) {
      // The first comes behind a whole question, whose answer says that it was read.
      if (second === 0) socket.write(Buffer.concat([question, Uint8Array.of(byte)]));
      else socket.write(Uint8Array.of(byte));
      if (second === 0) await until(2);
      await new Promise((resolve) => setImmediate(resolve));
      state.nowMs = second * 1_000;
      spoe.cutOffOverdue();
    }
    expect(state.refused).toBe(0);
    state.nowMs = 10_000;
    spoe.cutOffOverdue();
    await closed;
    expect(state.refused).toBe(1);
  });

  it('that sends garbage gets the status for it, and does not disturb another one', async () => {
    const { state, port } = await server();
    const [good, bad] = [await client(port), await client(port)];
    good.socket.write(hello());
    bad.socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(10_000));
    await bad.closed;
    good.socket.write(ask(1, {}));
    expect((await good.until(2)).map(({ type }) => type)).toEqual(['hello', 'ack']);
    expect([statusOf(bad.said()), state.refused]).toEqual([3, 1]);
  });

  it('that HAProxy ends is answered, and is no fault', async () => {
    const { state, port } = await server();
    const { socket, said, closed } = await client(port);
    socket.write(Buffer.concat([hello(), haproxyDisconnect()]));
    await closed;
    expect([statusOf(said()), state.refused]).toEqual([0, 0]);
  });

  it('beyond spoe.connections is turned away', async () => {
    const { state, port } = await server({}, 1);
    const first = await client(port);
    first.socket.write(hello());
    await first.until(1);
    const second = await client(port);
    await second.closed;
    expect(state.refused).toBe(1);
  });
});

describe('a server that stops', () => {
  it('answers what is being verified, then sends AGENT-DISCONNECT', async () => {
    const pending: ((answer: SpoeAnswer) => void)[] = [];
    const asked = new EventEmitter();
    const { spoe, state, port } = await server({
      answer: (questions) =>
        questions.map(() => {
          asked.emit('question');
          return new Promise((resolve) => pending.push(resolve));
        }),
    });
    const { socket, said, closed } = await client(port);
    socket.write(Buffer.concat([hello(), ask(1, {})]));
    await once(asked, 'question');
    const isDrained = spoe.close(60_000);
    for (const resolve of pending) resolve(REFUSED);
    expect(await isDrained).toBe(true);
    await closed;
    expect(said().map(({ type }) => type)).toEqual(['hello', 'ack', 'disconnect']);
    expect([statusOf(said()), state.refused]).toEqual([0, 0]);
  });

  it('cuts off connections whose questions are not answered in time', async () => {
    const asked = new EventEmitter();
    const { spoe, port } = await server({
      answer: (questions) =>
        questions.map(() => {
          asked.emit('question');
          return new Promise(() => {});
        }),
    });
    const { socket, closed } = await client(port);
    socket.write(Buffer.concat([hello(), ask(1, {})]));
    await once(asked, 'question');
    expect(await spoe.close(1)).toBe(false);
    await closed;
  });
});

it('a gateway logs and counts what it answers, with the client’s address and without a reason', async () => {
  const gateway = await started(
    '[spoe]\nlisten = "127.0.0.1:0"\n[auth]\ndefaultHost = "example.com"',
  );
  const { socket, until } = await client(Number(gateway.running.spoe!.split(':')[1]));
  const bad = `Basic ${Buffer.from('alice:no token').toString('base64')}`;
  socket.write(Buffer.concat([hello(), ask(1, { authorization: bad }), ask(2, {})]));
  const said = await until(3);
  expect(said.map(({ vars }) => vars.status)).toEqual([undefined, 401, 401]);
  expect(JSON.stringify(said)).not.toContain('malformed');
  expect(gateway.lines().at(-1)).toMatchObject({
    msg: 'rejected',
    protocol: 'spoe',
    code: 'malformed',
    client: '192.0.2.7',
  });
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('totp_token_spoe_answers_total{status="401"} 2');
  expect(metrics).toMatch(
    /totp_token_verdicts_total\{code="malformed",host="example.com",protocol="spoe"\} 1/,
  );
});
