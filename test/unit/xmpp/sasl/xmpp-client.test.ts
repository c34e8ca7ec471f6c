/**
 * The mechanism on both sides, with the real `@xmpp/client` between: login, refusal, reconnection.
 */
import { type Client, client } from '@xmpp/client';
import type Factory from 'saslmechanisms';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createIssuer, type TokenVerifier } from '../../../../src/index.js';
import {
  prepareJid,
  type TokenCredentialsOptions,
  tokenCredentials,
  XToken,
} from '../../../../src/xmpp/index.js';
import { harness } from '../../token/harness.js';
import { KEYS, tokenOf, withWrongSignature } from '../../token/reference.js';
import { attempt, HOST } from './harness.js';
import { type ServerOptions, XmppServer } from './xmpp-server.js';

// xmpp.js takes the global one, which Node 20 does not have.
beforeAll(() => vi.stubGlobal('WebSocket', globalThis.WebSocket ?? WebSocket));

interface Setup {
  readonly server: XmppServer;
  readonly verifier: TokenVerifier;
  /** A client that is not started; its errors, which xmpp.js emits too, are kept in `errors`. */
  connect(
    credentials: ReturnType<typeof tokenCredentials>,
    address?: string,
  ): Client & { errors: Error[] };
}

/** Stops what a test has started, clients first. */
const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function setUp(options: Partial<ServerOptions> = {}): Promise<Setup> {
  const { verifier } = await harness({ hosts: { [HOST]: KEYS } });
  const server = await XmppServer.start({
    host: HOST,
    attempt: () => attempt((jid, token) => verifier.verify(jid, token)),
    ...options,
  });
  running.push(() => server.stop());
  return {
    server,
    verifier,
    connect: (credentials, address = '127.0.0.1') => {
      const xmpp = client({
        service: `ws://${address}:${server.port}/`,
        domain: HOST,
        credentials,
      });
      const errors: Error[] = [];
      xmpp.on('error', (error) => errors.push(error));
      xmpp.reconnect.delay = 0;
      // Its types, 0.14.1, know everything but the factory.
      (xmpp as Client & { saslFactory: Factory }).saslFactory.use(XToken);
      running.push(() => (xmpp.status === 'offline' ? Promise.resolve() : xmpp.stop()));
      return Object.assign(xmpp, { errors });
    },
  };
}

const jidsOf = (server: XmppServer) =>
  server.answers.map((answer) => 'jid' in answer && answer.jid);

describe.each([
  ['SASL', false],
  ['SASL2', true],
])('@xmpp/client with %s', (_name, isSasl2) => {
  it('logs in with a token, and is online under the authorised JID', async () => {
    const { server, connect } = await setUp({ isSasl2 });
    const xmpp = connect(tokenCredentials('Alice', () => tokenOf()));
    const address = await xmpp.start();
    expect(String(address)).toBe('alice@example.com/here');
    expect(server.answers).toMatchObject([
      {
        kind: 'success',
        jid: 'alice@example.com',
        localpart: 'alice',
        verdict: { code: 'accepted' },
      },
    ]);
    expect(server.frames.some((frame) => frame.includes('"X-TOKEN"'))).toBe(true);
    expect(xmpp.errors).toEqual([]);
  });

  it.each(['zoë', 'жук', '用户', 'שלום', '\u{1F44B}\u{1F3FD}', 'ａｌｉｃｅ', 'ßmith'])(
    'logs %s in',
    async (username) => {
      const { connect } = await setUp({ isSasl2 });
      const jid = prepareJid(`${username}@${HOST}`)!;
      const address = await connect(tokenCredentials(username, () => tokenOf({ jid }))).start();
      expect(String(address.bare())).toBe(jid);
    },
  );

  it('fetches a fresh token for each connection', async () => {
    const { server, connect } = await setUp({ isSasl2 });
    let count = 0;
    const xmpp = connect(tokenCredentials('alice', async () => tokenOf({ nonce: ++count })));
    await xmpp.start();
    for (let reconnections = 1; reconnections <= 3; reconnections++) {
      const online = new Promise((resolve) => xmpp.once('online', resolve));
      server.cut();
      await online;
      expect(count).toBe(1 + reconnections);
    }
    expect(server.answers.map(({ kind }) => kind)).toEqual([
      'success',
      'success',
      'success',
      'success',
    ]);
    expect(xmpp.errors).toEqual([]);
  });

  it('is refused when a token is used twice', async () => {
    const { server, connect } = await setUp({ isSasl2 });
    await connect(tokenCredentials('alice', () => tokenOf())).start();
    const second = connect(tokenCredentials('alice', () => tokenOf()));
    await expect(second.start()).rejects.toMatchObject({
      name: 'SASLError',
      condition: 'not-authorized',
    });
    expect(server.answers[1]).toMatchObject({ kind: 'failure', reason: 'replayed' });
  });

  it.each([
    ['forged', 'bad-signature', withWrongSignature(tokenOf())],
    ['of another user', 'bad-signature', tokenOf({ jid: 'bob@example.com' })],
    ['expired', 'wrong-otp', tokenOf({ otp: '00000000' })],
    ['malformed', 'malformed', 'hunter2'],
  ])('is refused with the same answer if its token is %s', async (_why, reason, token) => {
    const { server, connect } = await setUp({ isSasl2 });
    const xmpp = connect(tokenCredentials('alice', () => token));
    const error = await xmpp.start().catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'SASLError', condition: 'not-authorized', text: '' });
    expect(server.answers).toMatchObject([
      { kind: 'failure', condition: 'not-authorized', reason },
    ]);
    expect(server.frames.some((frame) => frame.includes('<iq'))).toBe(false);
  });

  it('sends no token when the server does not offer X-TOKEN', async () => {
    const { server, connect } = await setUp({ isSasl2, mechanisms: ['PLAIN'] });
    const fetchToken = vi.fn(() => tokenOf());
    await expect(connect(tokenCredentials('alice', fetchToken)).start()).rejects.toThrow(
      'the server does not offer it',
    );
    expect(fetchToken).not.toHaveBeenCalled();
    expect(server.answers).toEqual([]);
  });

  it('sends no token over a connection that is not encrypted, unless told so', async () => {
    const { server, connect } = await setUp({ isSasl2 });
    const fetchToken = vi.fn(() => tokenOf());
    // The address of this machine that xmpp.js does not recognize as such.
    const address = '0.0.0.0';
    await expect(connect(tokenCredentials('alice', fetchToken), address).start()).rejects.toThrow(
      'not encrypted',
    );
    expect(fetchToken).not.toHaveBeenCalled();
    expect(server.answers).toEqual([]);
    const options: TokenCredentialsOptions = { allowUnencrypted: true };
    await connect(tokenCredentials('alice', fetchToken, options), address).start();
    expect(jidsOf(server)).toEqual(['alice@example.com']);
  });

  it('throws an error that names the wrong credential and does not show it', async () => {
    const { connect } = await setUp({ isSasl2 });
    const token = `${tokenOf()}\0`;
    const error = await connect(tokenCredentials('alice', () => token))
      .start()
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/^TypeError: token: must be text/);
    expect(String(error)).not.toContain(token.slice(0, 40));
  });
});

it('sends the user agent with SASL2', async () => {
  const { server, connect } = await setUp({ isSasl2: true });
  const { xml } = await import('@xmpp/client');
  const userAgent = xml('user-agent', { id: 'd4565fa7-4d72-4749-b3d3-740edbf87770' });
  await connect(tokenCredentials('alice', () => tokenOf(), { userAgent })).start();
  expect(server.frames.some((frame) => frame.includes('<user-agent id="d4565fa7'))).toBe(true);
});

it('logs in with tokens of our issuer and a name that is not prepared', async () => {
  const { server, verifier, connect } = await setUp();
  onTestFinished(() => verifier.dispose());
  const clock = () => 57_333_600 * 30_000;
  const issuer = await createIssuer({ hosts: { [HOST]: KEYS }, clock, prepareJid });
  await connect(tokenCredentials('ZOË', () => issuer.issue(`ZOË@${HOST}`))).start();
  expect(jidsOf(server)).toEqual(['zoë@example.com']);
});
