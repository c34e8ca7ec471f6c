/**
 * One connection carries the logins of all users: nothing that one attempt does may disturb
 * another.
 */
import { describe, expect, it } from 'vitest';
import { CONT_MS, MAX_UNDER_WAY, MAX_WAITING } from '../../../../src/gateway/protocols/dovecot.js';
import { MAX_LINE_CHARS } from '../../../../src/gateway/protocols/dovecot-lines.js';
import type { Verdict } from '../../../../src/index.js';
import { ACCEPTED, auth, greeted, message } from './dovecot-session.js';

const OK = (id: number) => `OK\t${id}\tuser=alice`;
const FAIL = (id: number) => `FAIL\t${id}`;
/** An attempt whose line has so many characters. */
const long = (id: number, length: number) =>
  `AUTH\t${id}\tPLAIN\tservice=xmpp\tresp=`.padEnd(length, 'A').concat('\n');

describe('a long line', () => {
  it.each([MAX_LINE_CHARS + 1, MAX_LINE_CHARS + 2, 8_560, 65_536, 1_000_000])(
    'of %i characters is above the limit and fails its own attempt alone',
    async (length) => {
      const { say, state } = greeted();
      const answers = await say(auth(1) + long(2, length) + auth(3));
      expect(answers.sort()).toEqual([FAIL(2), OK(1), OK(3)]);
      expect(state.closed).toEqual([]);
    },
  );

  it('is obeyed if it is no longer than the limit', async () => {
    const { say, refused } = greeted();
    expect(await say(long(1, MAX_LINE_CHARS))).toEqual([FAIL(1)]);
    // Of the 8161 characters of base64 the last one stands alone.
    expect(refused).toEqual(['not-base64']);
    expect(await say(`X${'\t'.repeat(MAX_LINE_CHARS - 1)}\r\n${auth(2)}`)).toEqual([OK(2)]);
  });

  it.each([1, 7, 4096, 8191, 8192, 8193])(
    'is answered once when it comes in pieces of %i characters',
    async (size) => {
      const { session, answers } = greeted();
      const text = auth(1) + long(2, 20_000) + auth(3) + long(4, 9_000) + auth(5);
      for (let at = 0; at < text.length; at += size) session.receive(text.slice(at, at + size));
      expect((await answers()).sort()).toEqual([FAIL(2), FAIL(4), OK(1), OK(3), OK(5)]);
    },
  );

  it('is answered before its end has come, and its rest is not taken for a command', async () => {
    const { say } = greeted();
    expect(await say(long(1, 9_000).slice(0, -1))).toEqual([FAIL(1)]);
    expect(await say(`AUTH\t2\tPLAIN\tresp=${message('good')}\n`)).toEqual([]);
    expect(await say(auth(3))).toEqual([OK(3)]);
  });

  it('that is a CONT fails the attempt that waits for it', async () => {
    const { say } = greeted();
    await say('AUTH\t1\tPLAIN\n');
    expect(await say(`CONT\t1\t${'A'.repeat(9_000)}\n`)).toEqual([FAIL(1)]);
    expect(await say(`CONT\t1\t${message('good')}\n`)).toEqual([FAIL(1)]);
  });

  it('that is an unknown command is skipped', async () => {
    const { say, state } = greeted();
    expect(await say(`LATER\t${'x'.repeat(9_000)}\n${auth(1)}`)).toEqual([OK(1)]);
    expect(state.closed).toEqual([]);
  });

  it.each([
    ['no id', `AUTH\t${'1'.repeat(9_000)}\n`],
    ['no id and no end', 'AUTH\t'.padEnd(9_000, 'x')],
  ])('with %s ends the connection after the answers to earlier attempts', async (_, text) => {
    const { say, state } = greeted();
    expect(await say(auth(1) + text + auth(2))).toEqual([OK(1)]);
    expect(state.closed).toEqual([true]);
  });

  it('is reported once, with its reason, and verified never', async () => {
    const { say, verified, refused } = greeted();
    await say(long(1, 9_000));
    expect(refused).toEqual(['line-too-long']);
    expect(verified).toEqual([]);
  });
});

describe('a line out of turn', () => {
  it.each([
    ['a CONT for an attempt that never was', `CONT\t9\t${message('good')}\n`, [FAIL(9)]],
    ['a CONT for an attempt that is over', `${auth(9)}CONT\t9\t=\n`, [FAIL(9), FAIL(9)]],
    ['a CANCEL of an attempt that never was', 'CANCEL\t9\n', []],
    ['a CANCEL of nothing', 'CANCEL\n', []],
    ['a CANCEL of an attempt under way', `${auth(9)}CANCEL\t9\n`, []],
    ['an id that two attempts use', `${auth(9)}${auth(9)}`, [FAIL(9), FAIL(9)]],
    [
      'an id of an attempt that waits',
      `AUTH\t9\tPLAIN\nAUTH\t9\tPLAIN\nCONT\t9\t=\n`,
      ['CONT\t9\t', FAIL(9), FAIL(9)],
    ],
    ['a CONT without a message', `AUTH\t9\tPLAIN\nCONT\t9\n`, ['CONT\t9\t', FAIL(9)]],
  ])('%s disturbs no other attempt', async (_, text, expected) => {
    const { say, state } = greeted();
    const answers = await say(auth(1) + text + auth(2));
    expect(answers.sort()).toEqual([...expected, OK(1), OK(2)].sort());
    expect(state.closed).toEqual([]);
    expect(await say(auth(3))).toEqual([OK(3)]);
  });

  it('that cancels an attempt frees its id for another attempt', async () => {
    const { say } = greeted();
    expect(await say(`AUTH\t1\tPLAIN\nCANCEL\t1\n${auth(1)}`)).toEqual(['CONT\t1\t', OK(1)]);
  });
});

describe('an attempt whose CONT does not come', () => {
  it('is forgotten without an answer after CONT_MS, and a later CONT fails', async () => {
    const { say, session, state } = greeted();
    await say('AUTH\t1\tPLAIN\n');
    state.nowMs = CONT_MS - 1;
    session.expire();
    await say('AUTH\t2\tPLAIN\n');
    state.nowMs = CONT_MS;
    state.sent = '';
    session.expire();
    // mod_auth_dovecot reads one line for each line that it sends: one more would shift all later
    // answers.
    expect(state.sent).toBe('');
    expect(await say(`CONT\t1\t${message('good')}\n`)).toEqual([FAIL(1)]);
    expect(await say(`CONT\t2\t${message('good')}\n`)).toEqual([OK(2)]);
  });

  it('leaves room for others: one above the limit fails temporarily, one with its message does not', async () => {
    const { say, session, state, refused } = greeted();
    const asking = Array.from({ length: MAX_WAITING }, (_, id) => `AUTH\t${id}\tPLAIN\n`).join('');
    expect(await say(asking)).toHaveLength(MAX_WAITING);
    expect(await say(`AUTH\t900\tPLAIN\n${auth(901)}`)).toEqual(['FAIL\t900\ttemp', OK(901)]);
    expect(refused).toEqual(['too-many-attempts']);
    expect(await say(`CONT\t7\t${message('good')}\nAUTH\t902\tPLAIN\n`)).toEqual([
      'CONT\t902\t',
      OK(7),
    ]);
    state.nowMs = CONT_MS;
    session.expire();
    expect(await say('AUTH\t903\tPLAIN\n')).toEqual(['CONT\t903\t']);
    expect(state.closed).toEqual([]);
  });
});

/** A session whose verdicts come when the test gives them. */
function slow() {
  const pending: ((verdict: Verdict) => void)[] = [];
  const check = () => new Promise<Verdict>((resolve) => pending.push(resolve));
  return { ...greeted({ check }), pending };
}

describe('more attempts than are verified at a time', () => {
  const ids = Array.from({ length: 1000 }, (_, id) => id);

  it('are all answered, and the connection is not read while they wait', async () => {
    const { session, state, pending, answers } = slow();
    session.receive(ids.map((id) => auth(id)).join(''));
    expect(await answers()).toEqual([]);
    expect(pending).toHaveLength(MAX_UNDER_WAY);
    expect(state.reading).toEqual([false]);
    let answered = 0;
    while (answered < pending.length) {
      expect(pending.length - answered).toBeLessThanOrEqual(MAX_UNDER_WAY);
      pending[answered++]!(ACCEPTED);
      await answers();
    }
    expect((await answers()).sort()).toEqual(ids.map(OK).sort());
    expect(state.reading).toEqual([false, true]);
    expect(state.closed).toEqual([]);
  });

  it('are not verified while the client does not read its answers', async () => {
    let hasRoom = false;
    const sent: string[] = [];
    const send = (text: string) => {
      sent.push(text);
      return hasRoom;
    };
    const { session, verified, answers, state } = greeted({ send });
    session.release();
    state.reading.length = 0;
    session.receive(auth(1));
    await answers();
    session.receive(auth(2) + auth(3));
    await answers();
    expect(verified).toHaveLength(1);
    expect(state.reading).toEqual([false]);
    hasRoom = true;
    session.release();
    await answers();
    expect(verified).toHaveLength(3);
    expect(sent.slice(-3)).toEqual([1, 2, 3].map((id) => `${OK(id)}\n`));
    expect(state.reading).toEqual([false, true]);
  });

  it('use up no token if the server stops before they are verified', async () => {
    const { session, state, pending, answers } = slow();
    session.receive(ids.map((id) => auth(id)).join(''));
    session.drain();
    expect(state.closed).toEqual([]);
    for (const answer of pending) answer(ACCEPTED);
    expect((await answers()).sort()).toEqual(ids.slice(0, MAX_UNDER_WAY).map(OK).sort());
    expect(pending).toHaveLength(MAX_UNDER_WAY);
    expect(state.closed).toEqual([false]);
  });
});

describe('a connection', () => {
  it('whose client sends no more is closed after all its attempts are answered', async () => {
    const { session, state, pending, answers } = slow();
    const ids = Array.from({ length: 300 }, (_, id) => id);
    session.receive(ids.map((id) => auth(id)).join(''));
    session.end();
    for (let at = 0; at < ids.length; at++) {
      await answers();
      expect(state.closed).toEqual([]);
      pending[at]!(ACCEPTED);
    }
    expect((await answers()).sort()).toEqual(ids.map(OK).sort());
    expect(state.closed).toEqual([false]);
  });

  it('whose client sends no more does not wait for a CONT', async () => {
    const { session, state, say } = greeted();
    await say('AUTH\t1\tPLAIN\n');
    session.end();
    expect(state.closed).toEqual([false]);
  });

  it.each([
    ['an unknown version', 'VERSION\t2\t0\n'],
    ['an attempt without an id', 'AUTH\tx\tPLAIN\tresp==\n'],
    ['a CONT without an id', 'CONT\n'],
  ])('is closed because of %s after earlier attempts are answered', async (_, text) => {
    const { session, state, pending, answers } = slow();
    session.receive(auth(1) + auth(2) + text + auth(3));
    pending[1]!(ACCEPTED);
    expect(await answers()).toEqual([OK(2)]);
    expect(state.closed).toEqual([]);
    pending[0]!({ ok: false, code: 'replayed' });
    expect(await answers()).toEqual([OK(2), 'FAIL\t1\tuser=alice']);
    expect(pending).toHaveLength(2);
    expect(state.closed).toEqual([true]);
  });
});

it('an error of the verifier fails its own attempt alone, and only temporarily', async () => {
  const { say, state } = greeted({
    check: (_, token) => {
      if (token === 'good') return ACCEPTED;
      throw new Error('a fault');
    },
  });
  expect((await say(auth(1, 'bad') + auth(2) + long(3, 9_000) + auth(4))).sort()).toEqual([
    'FAIL\t1\ttemp',
    FAIL(3),
    OK(2),
    OK(4),
  ]);
  expect(state.closed).toEqual([]);
});
