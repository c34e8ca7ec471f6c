/** What the log and the metrics say of attempts that hold nothing to verify. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Checker } from '../../../../src/gateway/checker.js';
import { createVerifier } from '../../../../src/index.js';
import { Metrics } from '../../../../src/server/observe/metrics.js';
import { LogAndMetrics } from '../../../../src/server/observe/observer.js';
import { freshToken, HOSTS, ISSUE_SECRET } from '../../gateway/harness.js';
import { JID } from '../../token/reference.js';
import { dial, started } from '../server-harness.js';

const SETTINGS = { level: 'info', accepted: true, rejected: true, linesPerSecond: 1000 } as const;

async function observed() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const verifier = await createVerifier({ hosts: HOSTS });
  const metrics = new Metrics(verifier, '0.0.0');
  metrics.knowHosts(verifier.hosts);
  const proxies = { trusted: [], header: 'x-forwarded-for' } as const;
  const observer = new LogAndMetrics(log, metrics, SETTINGS, proxies);
  const checker = new Checker(verifier, observer);
  return { lines, checker, observer, text: async () => (await metrics.text()).text };
}

describe('a refused attempt', () => {
  it('is logged with its protocol, its client and its reason, and counted by them', async () => {
    const { lines, checker, text } = await observed();
    checker.refuse('dovecot', 'other-host', {
      jid: 'Bob@Other.example',
      from: { client: '192.0.2.7' },
    });
    expect(lines.at(-1)).toMatchObject({
      msg: 'rejected',
      protocol: 'dovecot',
      code: 'malformed',
      reason: 'other-host',
      jid: 'bob@other.example',
      client: '192.0.2.7',
    });
    expect(lines.at(-1)).not.toHaveProperty('microseconds');
    const metrics = await text();
    expect(metrics).toContain(
      'totp_token_refusals_total{protocol="dovecot",reason="other-host"} 1',
    );
    expect(metrics).toContain(
      'totp_token_verdicts_total{code="malformed",host="other",protocol="dovecot"} 1',
    );
    // Nothing was verified that could have taken time.
    expect(metrics).toContain('totp_token_verify_seconds_count 0');
  });

  it('that the verifier finds malformed is logged with the part that is, and the name', async () => {
    const { lines, checker, text } = await observed();
    await checker.check(JID, 'x', 'verify');
    expect(lines.at(-1)).toMatchObject({ code: 'malformed', reason: 'token-form', jid: JID });
    expect(lines.at(-1)?.microseconds).toBeTypeOf('number');
    await checker.checkBatch(['a b', JID], ['x', ''], 'spoe', [undefined, undefined]);
    expect(lines.slice(-2).map(({ reason }) => reason)).toEqual(['bad-jid', 'no-token']);
    expect(await text()).toContain('totp_token_verify_seconds_count 3');
  });

  it('has no reason where the token is in form', async () => {
    const { lines, checker } = await observed();
    await checker.check(JID, freshToken(), 'verify');
    expect(lines.at(-1)).not.toHaveProperty('reason');
  });

  const token = freshToken();
  it.each([
    ['a whole token', token],
    ['an OTP', `${token.slice(0, 8)}@example.com`],
    ['an OTP of six digits', 'x654321@example.com'],
    ['a nonce', `${token.slice(8, 40)}@example.com`],
    ['half of a signature', `${token.slice(41, 65).replaceAll('/', 'x')}@example.com`],
    ['half of a signature as the host', `a@${token.slice(41, 65).replaceAll(/[/+]/g, 'x')}`],
    ['no name', ''],
  ])('is logged without a name where that may be a piece of a token: %s', async (_, jid) => {
    const { lines, checker } = await observed();
    checker.refuse('verify', 'token-form', { jid });
    expect(lines.at(-1)).not.toHaveProperty('jid');
  });

  it.each(['not an address', token, '192.0.2', ''])(
    'is logged without the client that its server names, if that is no address: %s',
    async (client) => {
      const { lines, checker } = await observed();
      checker.refuse('dovecot', 'no-nuls', { from: { client } });
      expect(lines.at(-1)).not.toHaveProperty('client');
    },
  );
});

it('an event is logged without a text of the client that may be a token', async () => {
  const { lines, observer } = await observed();
  const base64 = btoa(freshToken()).replaceAll(/[=+/]/g, '');
  for (const origin of [
    `https://${freshToken().slice(0, 40)}.example`,
    `https://${base64}.example`,
  ])
    observer.event('form-refused', { origin, why: 'kept' });
  expect(lines.map(({ msg, origin, why }) => [msg, origin, why])).toEqual(
    Array(2).fill(['form-refused', undefined, 'kept']),
  );
  observer.event('form-refused', { origin: 'https://evil.example' });
  expect(lines.at(-1)).toMatchObject({ origin: 'https://evil.example' });
});

it('an event that a request caused is logged with the client that a trusted proxy names', async () => {
  const server = await started(
    '[auth]\nloginUrl = "https://a.example/"\nallowedOrigins = ["https://a.example"]\n[proxies]\ntrusted = ["127.0.0.1"]\n[metrics]\nlisten = "127.0.0.1:0"',
    { issueSecret: ISSUE_SECRET },
  );
  const ask = (
    url: string,
    body: string | URLSearchParams | undefined,
    headers: Record<string, string>,
    method = 'POST',
  ) =>
    fetch(url, {
      method,
      headers: { 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'request-7', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const session = `${server.url}/v1/session`;
  const json = { 'content-type': 'application/json' };
  const operator = { ...json, authorization: `Bearer ${ISSUE_SECRET}` };
  const whose = JSON.stringify({ jid: JID });
  await ask(session, new URLSearchParams({ jid: JID }), { origin: 'https://evil.example' });
  const token = JSON.stringify({ jid: JID, token: freshToken() });
  const begun = await ask(session, token, json);
  const [cookie = ''] = begun.headers.getSetCookie()[0]?.split(';') ?? [];
  await ask(session, undefined, { cookie }, 'DELETE');
  await ask(`${server.url}/v1/issue`, whose, operator);
  await ask(`${server.running.operators}/sessions/revoke`, whose, operator);
  const by = { request: 'request-7', client: '203.0.113.7' };
  const told = server.lines().filter(({ request }) => request !== undefined);
  expect(told).toMatchObject([
    { msg: 'form-refused', origin: 'https://evil.example', ...by },
    { msg: 'session-began', jid: JID, ...by },
    { msg: 'session-ended', jid: JID, ...by },
    { msg: 'issued', ...by },
    { msg: 'sessions-revoked', jid: JID, ...by },
  ]);
});

describe('a request or a connection that ends before any route', () => {
  it('is counted and logged with its status or reason and its peer', async () => {
    const server = await started(
      '[dovecot]\nlisten = "127.0.0.1:0"\n[spoe]\nlisten = "127.0.0.1:0"',
    );
    const say = async (port: number, text: string) => {
      const { socket, closed } = await dial(port);
      socket.end(text);
      await closed;
    };
    const portOf = (address = '') => Number(address.split(':').at(-1));
    await say(server.port, 'no HTTP\r\n\r\n');
    await say(server.port, `GET / HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(201)}\r\n`);
    await say(portOf(server.running.dovecot), 'GET / HTTP/1.1\r\n');
    await say(portOf(server.running.spoe), `\0\0\0\x08${'x'.repeat(8)}`);
    const told = server.lines().filter(({ peer }) => peer !== undefined);
    expect(told.map(({ msg, status, why, peer }) => [msg, status ?? why, peer])).toEqual([
      ['request-unreadable', 400, '127.0.0.1'],
      ['request-unreadable', 431, '127.0.0.1'],
      ['dovecot-cut-off', 'fault', '127.0.0.1'],
      ['spoe-cut-off', 'fault', '127.0.0.1'],
    ]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('totp_token_events_total{event="request-unreadable"} 2');
    expect(metrics).toContain('totp_token_events_total{event="dovecot-cut-off"} 1');
  });
});
