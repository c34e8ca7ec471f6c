/** Dovecot's authentication protocol, line by line, and its server on a socket. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DovecotSession, type SessionOptions } from '../../../../src/gateway/protocols/dovecot.js';
import { MAX_LINE_CHARS } from '../../../../src/gateway/protocols/dovecot-lines.js';
import type { Verdict } from '../../../../src/index.js';
import { DovecotServer, realmOf } from '../../../../src/server/dovecot.js';
import { dial, started } from '../../server/server-harness.js';
import { JID, STEP } from '../../token/reference.js';
import { freshToken, type Harness, harness } from '../harness.js';

const HELLO = 'VERSION\t1\t1\nCPID\t77\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const response = (user: string, token: string, authzid = '') =>
  base64(`${authzid}\0${user}\0${token}`);

let gateway: Harness;
beforeAll(async () => {
  gateway = await harness();
});

/** A session that has been greeted. */
function session(
  realmOf: SessionOptions['realmOf'] = () => ({ host: 'example.com', isFixed: false }),
) {
  const state = { sent: '', isClosed: false };
  const dovecot = new DovecotSession({
    check: (jid, token) => gateway.gateway.checker.check(jid, token, 'dovecot'),
    refuse: (why, jid) => gateway.gateway.checker.refuse('dovecot', why, { jid }),
    realmOf,
    send: (text) => (state.sent += text),
    close: () => (state.isClosed = true),
    processId: 4711,
    connectionId: 3,
    cookie: '00112233445566778899aabbccddeeff',
  });
  const greeting = state.sent;
  state.sent = '';
  const say = async (text: string) => {
    state.sent = '';
    dovecot.receive(text);
    // Answers come as soon as the verifier has them.
    await new Promise((resolve) => setImmediate(resolve));
    return state.sent;
  };
  return { state, say, greeting, dovecot };
}

describe('a session', () => {
  it('greets with its version, mechanisms and cookie', () => {
    expect(session().greeting).toBe(
      'VERSION\t1\t1\nMECH\tX-TOKEN\tplaintext\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t4711\nCUID\t3\nCOOKIE\t00112233445566778899aabbccddeeff\nDONE\n',
    );
  });

  it('accepts a token once', async () => {
    const { say } = session();
    await say(HELLO);
    const auth = (id: number, token: string) =>
      `AUTH\t${id}\tX-TOKEN\tservice=xmpp\tresp=${response('alice', token)}\n`;
    const token = freshToken();
    expect(await say(auth(1, token))).toBe('OK\t1\tuser=alice\n');
    expect(await say(auth(2, token))).toBe('FAIL\t2\tuser=alice\n');
    expect(gateway.told.at(-1)).toMatchObject({
      protocol: 'dovecot',
      jid: JID,
      verdict: { code: 'replayed' },
    });
  });

  it('prepares a name, and answers with the prepared one', async () => {
    const { say } = session();
    await say(HELLO);
    const auth = `AUTH\t1\tX-TOKEN\tresp=${response('Straße', freshToken('strasse@example.com'))}\n`;
    expect(await say(auth)).toBe('OK\t1\tuser=strasse\n');
  });

  it('accepts a whole address with PLAIN, of any host that has keys', async () => {
    const { say } = session(() => ({ host: undefined, isFixed: false }));
    await say(HELLO);
    const auth = (id: number, user: string, jid = JID) =>
      say(`AUTH\t${id}\tPLAIN\tservice=smtp\tresp=${response(user, freshToken(jid))}\n`);
    expect(await auth(1, 'Alice@Example.com')).toBe('OK\t1\tuser=alice@example.com\n');
    expect(await auth(2, 'alice')).toBe('FAIL\t2\n');
    expect(await auth(3, 'alice@example.org')).toBe('FAIL\t3\tuser=alice@example.org\n');
    expect(await auth(4, 'bob@example.com')).toBe('FAIL\t4\tuser=bob@example.com\n');
  });

  it('with a fixed host accepts users of that host alone, and names them by their localparts', async () => {
    const { say } = session(() => ({ host: 'example.com', isFixed: true }));
    await say(HELLO);
    const auth = (id: number, mechanism: string, user: string, token: string, authzid = '') =>
      say(`AUTH\t${id}\t${mechanism}\tservice=xmpp\tresp=${response(user, token, authzid)}\n`);
    const before = gateway.told.length;
    const foreign = freshToken('bob@other.example');
    expect(await auth(1, 'PLAIN', 'bob@other.example', foreign)).toBe('FAIL\t1\n');
    expect(await auth(2, 'PLAIN', 'bob@other.example', foreign, 'bob@example.com')).toBe(
      'FAIL\t2\n',
    );
    expect(await auth(3, 'PLAIN', 'bob@', foreign)).toBe('FAIL\t3\n');
    // The attempts are counted, and their tokens are not verified.
    expect(gateway.told.slice(before).map(({ verdict }) => verdict.code)).toEqual(
      Array(3).fill('malformed'),
    );
    expect(await auth(4, 'PLAIN', 'Alice@EXAMPLE.com', freshToken())).toBe('OK\t4\tuser=alice\n');
    expect(await auth(5, 'PLAIN', 'alice', freshToken())).toBe('OK\t5\tuser=alice\n');
    // In X-TOKEN an @ is no part of a localpart.
    expect(await auth(6, 'X-TOKEN', 'alice@example.com', freshToken())).toBe('FAIL\t6\n');
  });

  it('without a host accepts whole addresses, or nobody where the host is fixed', async () => {
    for (const [isFixed, answer] of [
      [false, 'OK\t1\tuser=alice@example.com\n'],
      [true, 'FAIL\t1\n'],
    ] as const) {
      const { say } = session(() => ({ host: undefined, isFixed }));
      await say(HELLO);
      expect(await say(`AUTH\t1\tPLAIN\tresp=${response(JID, freshToken())}\n`)).toBe(answer);
      expect(await say(`AUTH\t2\tPLAIN\tresp=${response('alice', freshToken())}\n`)).toBe(
        'FAIL\t2\n',
      );
    }
  });

  it.each([
    ['example.com', ['example.com', 'other.example'], undefined, 'example.com', true],
    ['other.example', ['example.com', 'other.example'], 'example.com', 'other.example', true],
    ['Example.COM', ['example.com', 'other.example'], undefined, 'example.com', true],
    [
      Buffer.from('münchen.example').toString('latin1'),
      ['münchen.example'],
      'x.y',
      'münchen.example',
      true,
    ],
    // The host that Prosody names has no keys.
    ['gone.example', ['example.com'], 'example.com', undefined, true],
    ['xmpp', ['example.com'], undefined, 'example.com', true],
    ['xmpp', ['example.com', 'other.example'], 'other.example', 'other.example', true],
    ['xmpp', ['example.com', 'other.example'], undefined, undefined, true],
    ['smtp', ['example.com'], undefined, 'example.com', false],
    ['smtp', ['example.com', 'other.example'], undefined, undefined, false],
    [undefined, ['example.com', 'other.example'], 'example.com', 'example.com', false],
  ])(
    'for the service %s, keys for %j and the setting %s has the host %s, fixed: %s',
    (service, hosts, chosen, host, isFixed) => {
      expect(realmOf(service, hosts, chosen)).toEqual({ host, isFixed });
    },
  );

  it('asks with CONT for a message that the AUTH lacks, and takes it once', async () => {
    const { say, state } = session();
    await say(HELLO);
    expect(await say('AUTH\t9\tPLAIN\tservice=smtp\n')).toBe('CONT\t9\t\n');
    expect(await say(`CONT\t9\t${response('alice', freshToken())}\n`)).toBe('OK\t9\tuser=alice\n');
    expect(await say('CONT\t9\t=\n')).toBe('FAIL\t9\n');
    expect(state.isClosed).toBe(false);
  });

  it('does not answer an attempt that is cancelled', async () => {
    const { say, state } = session();
    await say(HELLO);
    const answer = await say(
      `AUTH\t5\tPLAIN\tresp=${response('alice', freshToken())}\nCANCEL\t5\n`,
    );
    expect(answer).toBe('');
    expect(state.isClosed).toBe(false);
  });

  it('knows a client by its greeting, and looks up the host by the service of each attempt', async () => {
    const services: (string | undefined)[] = [];
    const { say, dovecot } = session((service) => {
      services.push(service);
      return { host: 'example.com', isFixed: false };
    });
    expect(dovecot.isClient).toBe(false);
    await say(HELLO);
    expect(dovecot.isClient).toBe(true);
    await say('AUTH\t1\tPLAIN\tlip=::1\tservice=smtp\tsecured\nAUTH\t2\tPLAIN\n');
    expect(services).toEqual(['smtp', undefined]);
  });

  it('ignores empty lines and unknown commands, up to the longest line there may be', async () => {
    const { say, state } = session();
    await say(HELLO);
    await say('\n');
    await say('X'.repeat(MAX_LINE_CHARS));
    expect(state.isClosed).toBe(false);
    expect(await say(`\n\nAUTH\t4294967295\tPLAIN\n`)).toBe('CONT\t4294967295\t\n');
    expect(state.isClosed).toBe(false);
  });

  it('ignores a CR at the end of a line, and fails an attempt with a CR elsewhere', async () => {
    const { say } = session();
    await say('VERSION\t1\t1\r\nCPID\t77\r\n');
    expect(await say('AUTH\t1\tPLAIN\r\n')).toBe('CONT\t1\t\n');
    expect(await say('AUTH\t2\tPL\rAIN\n')).toBe('FAIL\t2\n');
  });

  it('does not verify an unknown mechanism, a malformed message or a whole address with X-TOKEN', async () => {
    const { say } = session();
    await say(HELLO);
    const [token, before] = [freshToken(), gateway.told.length];
    const auth = (id: number, mechanism: string, message: string) =>
      say(`AUTH\t${id}\t${mechanism}\tresp=${message}\n`);
    expect(await auth(1, 'CRAM-MD5', response('alice', token))).toBe('FAIL\t1\n');
    expect(await auth(2, 'PLAIN', base64(`\0alice ${token}`))).toBe('FAIL\t2\n');
    expect(await auth(3, 'X-TOKEN', response(JID, token))).toBe('FAIL\t3\n');
    expect(gateway.told.slice(before).map(({ verdict }) => verdict.code)).toEqual(
      Array(3).fill('malformed'),
    );
    expect(await auth(4, 'x-token', response('alice', token))).toBe('OK\t4\tuser=alice\n');
  });

  it.each([
    ['the authzid of another user', response('alice', 'x', 'bob@example.com'), 'FAIL\t1\tauthz\n'],
    ['no NUL', base64('alice'), 'FAIL\t1\n'],
    ['no bytes', '=', 'FAIL\t1\n'],
    ['characters outside base64', '%%%', 'FAIL\t1\n'],
    [
      'bytes that are not UTF-8',
      Buffer.from('\0al\xffice\0x', 'latin1').toString('base64'),
      'FAIL\t1\n',
    ],
    ['a name with a line end', response('al\nOK\t1\tuser=bob\nice', 'x'), 'FAIL\t1\n'],
  ])('rejects a message with %s', async (_, text, answer) => {
    const { say, state } = session();
    await say(HELLO);
    expect(await say(`AUTH\t1\tX-TOKEN\tresp=${text}\n`)).toBe(answer);
    expect(state.isClosed).toBe(false);
  });

  it.each(['stale', 'guard-unavailable'] as const)(
    'answers the verdict %s as a temporary failure',
    async (code) => {
      const outcome = { ok: false, code } as const;
      let sent = '';
      const dovecot = new DovecotSession({
        check: async () => outcome,
        refuse: () => {},
        realmOf: () => ({ host: 'example.com', isFixed: true }),
        send: (text) => (sent += text),
        close: () => {},
        processId: 1,
        connectionId: 1,
        cookie: '',
      });
      dovecot.receive(`${HELLO}AUTH\t1\tPLAIN\tresp=${response('alice', freshToken())}\n`);
      await expect.poll(() => sent).toContain('FAIL\t1\tuser=alice\ttemp\n');
    },
  );

  it('reads lines that come one character at a time', async () => {
    const text = `${HELLO}AUTH\t1\tPLAIN\tresp=${response('alice', freshToken())}\nAUTH\t2\tOTHER\tresp==\r\n`;
    const { state, dovecot } = session();
    for (const char of text) dovecot.receive(char);
    await expect
      .poll(() => state.sent.split('\n').sort().join('|'))
      .toBe('|FAIL\t2|OK\t1\tuser=alice');
  });

  it.each([
    ['an unknown version', 'VERSION\t2\t0\n'],
    ['an attempt before the greeting', 'AUTH\t1\tPLAIN\tresp==\n'],
    ['a process id before the version', 'CPID\t1\n'],
    ['a process id with a letter before it', 'VERSION\t1\t1\nCPID\tx7\n'],
    ['a process id with a letter after it', 'VERSION\t1\t1\nCPID\t7x\n'],
    ['a process id of 11 digits', 'VERSION\t1\t1\nCPID\t12345678901\n'],
    ['an id that is not a number', `${HELLO}AUTH\tx\tPLAIN\tresp==\n`],
    ['an id with a letter before it', `${HELLO}AUTH\tx1\tPLAIN\tresp==\n`],
    ['an id with a letter after it', `${HELLO}AUTH\t1x\tPLAIN\tresp==\n`],
    ['an id of 11 digits', `${HELLO}AUTH\t12345678901\tPLAIN\tresp==\n`],
    ['a request of HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['a line above the limit without an end', 'x'.repeat(MAX_LINE_CHARS + 1)],
  ])('closes the connection on %s', async (_, text) => {
    const { say, state } = session();
    await say(text);
    expect(state.isClosed).toBe(true);
    // Later input is not read.
    expect(await say(HELLO)).toBe('');
  });
});

describe.runIf(process.platform !== 'win32')('the server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-dovecot-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const sockets: Socket[] = [];
  beforeEach(() => sockets.splice(0).forEach((socket) => void socket.destroy()));

  it('listens on a socket with the mode that is set, and removes the socket when it stops', async () => {
    const path = join(folder, 'auth');
    const { running } = await started(`[dovecot]\nlisten = "unix:${path}"\nmode = "0600"`);
    expect(running.dovecot).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const socket = connect(path).setEncoding('utf8');
    let said = '';
    socket.on('data', (text) => (said += text));
    await expect.poll(() => said).toMatch(/DONE\n$/);
    socket.write(
      `${HELLO}AUTH\t1\tX-TOKEN\tresp=${response('zoë', freshToken('zoë@example.com'))}\n`,
    );
    await expect.poll(() => said).toMatch(/OK\t1\tuser=zoë\n$/);
    await running.stop();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  /** A server whose verdicts come when the test gives them. */
  async function slow() {
    const pending: ((verdict: Verdict) => void)[] = [];
    const server = new DovecotServer(
      { host: 'example.com', connections: 10 },
      {
        check: () => new Promise((resolve) => pending.push(resolve)),
        refuse: () => {},
        hosts: () => ['example.com'],
        refused: () => {},
      },
    );
    const at = await server.listen('127.0.0.1:0', { mode: '0660' });
    const open = async () => {
      const client = await dial(Number(at.split(':')[1]));
      client.socket.write(HELLO);
      return client;
    };
    return { pending, server, open };
  }
  const accepted: Verdict = { ok: true, code: 'accepted', step: STEP, drift: 0, keyIndex: 0 };

  it('answers attempts under way when it stops, takes no more, and closes idle connections', async () => {
    const { pending, server, open } = await slow();
    const [busy, idle] = [await open(), await open()];
    const auth = (id: number) => `AUTH\t${id}\tPLAIN\tresp=${response('alice', freshToken())}\n`;
    busy.socket.write(auth(1) + auth(2));
    await expect.poll(() => pending.length).toBe(2);
    const closed = server.close(60_000);
    await idle.closed;
    busy.socket.write(auth(3));
    pending[0]!(accepted);
    await expect.poll(busy.answer).toMatch(/OK\t1\tuser=alice\n/);
    pending[1]!({ ok: false, code: 'replayed' });
    expect(await closed).toBe(true);
    await busy.closed;
    expect(busy.answer()).toMatch(/FAIL\t2\tuser=alice\n$/);
    expect(pending).toHaveLength(2);
  });

  it('does not wait longer than the given time when it stops', async () => {
    const { pending, server, open } = await slow();
    const { socket, closed } = await open();
    socket.write(`AUTH\t1\tPLAIN\tresp=${response('alice', freshToken())}\n`);
    await expect.poll(() => pending.length).toBe(1);
    expect(await server.close(20)).toBe(false);
    await closed;
  });

  it('verifies a token by the keys of the host that Prosody names, and of no other', async () => {
    const { running } = await started('[dovecot]\nlisten = "127.0.0.1:0"\nhost = "example.com"');
    const { socket, answer } = await dial(Number(running.dovecot?.split(':')[1]));
    const auth = (id: number, service: string) =>
      `AUTH\t${id}\tX-TOKEN\tservice=${service}\tresp=${response('alice', freshToken())}\n`;
    socket.write(`${HELLO}${auth(1, 'example.com')}${auth(2, 'xmpp')}${auth(3, 'example.org')}`);
    // The order varies: an attempt for a host without keys is refused at once.
    await expect
      .poll(() => answer().split('DONE\n')[1]?.trimEnd().split('\n').sort())
      .toEqual(['FAIL\t3', 'OK\t1\tuser=alice', 'OK\t2\tuser=alice']);
    socket.destroy();
  });

  it('refuses connections above their limit, and cuts off a client that breaks the protocol', async () => {
    const { running, url } = await started('[dovecot]\nlisten = "127.0.0.1:0"\nconnections = 2');
    const port = Number(running.dovecot?.split(':')[1]);
    const { socket: rude, closed: isCutOff } = await dial(port);
    const second = await dial(port);
    await expect.poll(second.answer).toMatch(/DONE\n$/);
    const { closed: isTurnedAway, answer } = await dial(port);
    await isTurnedAway;
    expect(answer()).toBe('');
    rude.write('GET / HTTP/1.1\r\n\r\n');
    await isCutOff;
    second.socket.write(`${HELLO}AUTH\t1\tPLAIN\tresp=${response('alice', freshToken())}\n`);
    await expect.poll(second.answer).toMatch(/OK\t1\tuser=alice\n$/);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /totp_token_events_total\{event="dovecot-cut-off"\} 2\n/,
    );
    second.socket.destroy();
  });
});
