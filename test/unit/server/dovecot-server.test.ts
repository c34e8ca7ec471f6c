/**
 * The server of Dovecot's protocol on real sockets: what is answered, what is cut off, and when.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_UNDER_WAY } from '../../../src/gateway/protocols/dovecot.js';
import type { Verdict } from '../../../src/index.js';
import { type DovecotHooks, DovecotServer } from '../../../src/server/dovecot.js';
import { tempFolder } from '../../package/temp.js';
import { ACCEPTED, auth, HELLO } from '../gateway/protocols/dovecot-session.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A server whose clock is a number; it takes the token `good`. */
async function server(hooks: Partial<DovecotHooks> = {}, address = '127.0.0.1:0') {
  const state = { nowMs: 0, refused: 0 };
  const verified: string[] = [];
  const dovecot = new DovecotServer(
    { host: 'example.com', connections: 10 },
    {
      check: (_jid, token) => {
        verified.push(token);
        return token === 'good' ? ACCEPTED : { ok: false, code: 'malformed' };
      },
      refuse: () => {},
      hosts: () => ['example.com'],
      refused: () => {
        state.refused++;
      },
      clock: () => state.nowMs,
      ...hooks,
    },
  );
  const at = await dovecot.listen(address, { mode: '0660' });
  cleanUps.push(() => dovecot.close(0));
  return { dovecot, state, verified, port: Number(at.split(':')[1]) };
}

/** A client written by hand, which waits for what it was sent and for the end. */
async function client(at: number | string, options: { allowHalfOpen?: boolean } = {}) {
  const socket: Socket = connect({
    ...(typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' }),
    ...options,
  }).setEncoding('utf8');
  cleanUps.push(() => socket.destroy());
  let said = '';
  socket.on('data', (text) => {
    said += text;
  });
  socket.on('error', () => {});
  const event = (name: string) =>
    new Promise<void>((resolve) => socket.once(name, () => resolve()));
  const [closed, ended] = [event('close'), event('end')];
  const until = async (pattern: RegExp) => {
    while (!pattern.test(said.slice(-4096))) await once(socket, 'data');
  };
  const answers = () => said.split('DONE\n')[1]?.split('\n').slice(0, -1).sort() ?? [];
  await until(/DONE\n/);
  return { socket, until, answers, closed, ended };
}

const ids = (count: number) => Array.from({ length: count }, (_, id) => id + 1);
const OK = (id: number) => `OK\t${id}\tuser=alice`;
const LONG = `AUTH\t7\tPLAIN\tresp=${'A'.repeat(9_000)}\n`;

describe('a client', () => {
  it('gets all answers when it ends its side after its last line', async () => {
    const { port, state } = await server();
    const { socket, answers, closed } = await client(port, { allowHalfOpen: true });
    socket.on('end', () => socket.end());
    socket.end(
      HELLO +
        ids(2000)
          .map((id) => auth(id))
          .join('') +
        LONG,
    );
    await closed;
    expect(answers()).toEqual([...ids(2000).map(OK), 'FAIL\t7'].sort());
    expect(state.refused).toBe(0);
  });

  it('that sends thousands of attempts at once gets every answer, and is served after them', async () => {
    // Verdicts come in a later turn, so that the server has to stop reading meanwhile.
    const check = async (): Promise<Verdict> => {
      await new Promise((resolve) => setImmediate(resolve));
      return ACCEPTED;
    };
    const { port } = await server({ check });
    const { socket, answers, until } = await client(port);
    const all = ids(20 * MAX_UNDER_WAY);
    socket.write(HELLO + all.map((id) => auth(id)).join(''));
    await until(new RegExp(`${OK(all.at(-1)!)}\\n`));
    expect(answers()).toEqual(all.map(OK).sort());
    socket.write(auth(99_999));
    await until(new RegExp(`${OK(99_999)}\\n`));
    expect(answers()).toHaveLength(all.length + 1);
  });

  it('that is cut off for a bad line gets the answers to the lines before it, and none after it is verified', async () => {
    const pending: ((verdict: Verdict) => void)[] = [];
    const check = () => new Promise<Verdict>((resolve) => pending.push(resolve));
    const refused: unknown[][] = [];
    const { port } = await server({ check, refused: (...why) => void refused.push(why) });
    const { socket, answers, until, closed } = await client(port);
    socket.write(HELLO + auth(1) + LONG.replace('7', '8') + auth(2));
    await until(/FAIL\t8\n/);
    socket.write(
      `AUTH\tnone\n${ids(3000)
        .map((id) => auth(id + 10))
        .join('')}`,
    );
    expect(pending).toHaveLength(2);
    for (const answer of pending) answer(ACCEPTED);
    await closed;
    expect(answers()).toEqual(['FAIL\t8', OK(1), OK(2)]);
    expect(refused).toEqual([['fault', '127.0.0.1']]);
    expect(pending).toHaveLength(2);
  });

  it('gets its answers whatever another client sends', async () => {
    const { port } = await server();
    const [good, bad] = [await client(port), await client(port)];
    good.socket.write(HELLO);
    bad.socket.write(`${HELLO}${LONG.repeat(50)}CONT\t1\t=\nCANCEL\t3\n${'x'.repeat(100_000)}`);
    good.socket.write(auth(1) + auth(2));
    await good.until(/OK\t2\t.*\n/);
    bad.socket.write(`\n${auth(9)}`);
    await bad.until(/OK\t9\t.*\n/);
    expect(bad.answers()).toHaveLength(52);
    expect(good.answers()).toEqual([OK(1), OK(2)]);
  });

  // The system holds far less of a socket of its own than of a TCP connection.
  it.skipIf(process.platform === 'win32')(
    'that reads nothing makes the server stop reading, and loses no answer',
    async () => {
      const path = join(tempFolder(), 'dovecot');
      const { verified, state } = await server({}, `unix:${path}`);
      const { socket, answers, until } = await client(path);
      socket.pause();
      const attempts = ids(40_000);
      socket.write(HELLO + attempts.map((id) => auth(id)).join(''));
      let before = 0;
      do {
        before = verified.length;
        for (let turn = 0; turn < 100; turn++)
          await new Promise((resolve) => setImmediate(resolve));
      } while (verified.length === 0 || verified.length > before);
      expect(verified.length).toBeLessThan(attempts.length);
      socket.resume();
      await until(/OK\t40000\t.*\n/);
      expect(answers()).toEqual(attempts.map(OK).sort());
      expect(state.refused).toBe(0);
    },
  );

  it.skipIf(process.platform === 'win32')(
    'that reads nothing for a minute is cut off',
    async () => {
      const path = join(tempFolder(), 'dovecot');
      const pending: ((verdict: Verdict) => void)[] = [];
      const check = () => new Promise<Verdict>((resolve) => pending.push(resolve));
      const { dovecot, state } = await server({ check }, `unix:${path}`);
      const { socket, closed } = await client(path);
      socket.pause();
      socket.write(
        HELLO +
          ids(40_000)
            .map((id) => auth(id))
            .join(''),
      );
      let answered = 0;
      // The end of it all is when no more attempts come.
      for (let idle = 0; idle < 100; idle++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (answered < pending.length) idle = 0;
        while (answered < pending.length) pending[answered++]!(ACCEPTED);
      }
      state.nowMs = 59_999;
      dovecot.cutOffOverdue();
      expect(state.refused).toBe(0);
      state.nowMs = 60_000;
      dovecot.cutOffOverdue();
      expect(state.refused).toBe(1);
      socket.resume();
      await closed;
    },
  );
});

describe('a connection', () => {
  it('is closed after 10 seconds if its client has not introduced itself', async () => {
    const { port, dovecot, state } = await server();
    const [silent, known] = [await client(port), await client(port)];
    known.socket.write(HELLO + auth(1));
    await known.until(/OK\t1/);
    state.nowMs = 9_999;
    dovecot.cutOffOverdue();
    expect(state.refused).toBe(0);
    state.nowMs = 10_000;
    dovecot.cutOffOverdue();
    await silent.closed;
    expect(state.refused).toBe(1);
    // A client that has said it may be silent for days.
    state.nowMs = 1e9;
    dovecot.cutOffOverdue();
    known.socket.write(auth(2));
    await known.until(/OK\t2/);
  });

  it('stays open for a client whose CONT does not come, and fails that attempt alone', async () => {
    const { port, dovecot, state } = await server();
    const { socket, until, answers } = await client(port);
    socket.write(`${HELLO}AUTH\t1\tPLAIN\n`);
    await until(/CONT\t1/);
    state.nowMs = 150_000;
    dovecot.cutOffOverdue();
    socket.write(`CONT\t1\t=\n${auth(2)}`);
    await until(/OK\t2/);
    expect(answers()).toEqual(['CONT\t1\t', 'FAIL\t1', OK(2)]);
  });

  it('that was cut off but not closed by its client is destroyed after a minute', async () => {
    const { port, dovecot, state } = await server();
    const { socket, ended, closed } = await client(port, { allowHalfOpen: true });
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await ended;
    state.nowMs = 59_999;
    dovecot.cutOffOverdue();
    expect(socket.destroyed).toBe(false);
    state.nowMs = 60_000;
    dovecot.cutOffOverdue();
    // Its end is seen by writing.
    while (!socket.destroyed) await new Promise((resolve) => socket.write('x', resolve));
    await closed;
    expect(state.refused).toBe(1);
  });
});
