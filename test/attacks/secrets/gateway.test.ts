/**
 * All that a gateway prints, and all that it answers to those who have no right to a secret,
 * searched for secrets.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../tools/lib/process.mjs';
import { temporaryFolder } from '../../unit/cli/binary.js';
import { begin } from '../../unit/cli/gateway-process.js';
import { basic, bearer } from '../../unit/gateway/harness.js';
import { tokenOf, withWrongSignature } from '../../unit/token/reference.js';
import {
  CANARY_ISSUE_SECRET,
  CANARY_KEYS,
  CANARY_NONCE,
  CANARY_SESSION_SECRET,
  CONFIGURED,
  found,
  partsOf,
} from './canaries.js';

const JID = 'alice@example.com';
const PERIOD_MS = 30_000;
const PRELOAD = pathToFileURL(join(ROOT, 'test', 'attacks', 'secrets', 'preload.mjs')).href;
const folder = temporaryFolder();
const CONFIG = `listen = "127.0.0.1:0"
keys = "keys.json"
[guard]
rejectStepsBefore = "none"
[auth]
defaultHost = "example.com"
[dovecot]
listen = "127.0.0.1:0"
host = "example.com"
[log]
level = "debug"
accepted = true
`;

let nonce = BigInt(CANARY_NONCE);
const tokens: string[] = [];

function freshToken(step = Math.floor(Date.now() / PERIOD_MS)): string {
  const token = tokenOf({ keys: CANARY_KEYS, step, nonce: String(nonce++) });
  tokens.push(token);
  return token;
}

const secrets = () => [...CONFIGURED, ...tokens.flatMap(partsOf)];

/** A Dovecot client that logs in with good, bad and broken lines. */
async function dovecot(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answer = '';
  socket.on('data', (text) => (answer += text));
  await once(socket, 'connect');
  socket.end(lines.join(''));
  await once(socket, 'close');
  return answer;
}

const plain = (token: string) => Buffer.from(`\0alice\0${token}`).toString('base64');

/** What is asked over HTTP, with tokens in the right places and in all others. */
function requests(): readonly [string, RequestInit][] {
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: unknown, headers = {}): [string, RequestInit] => [
    path,
    {
      method: 'POST',
      headers: { ...json, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
  ];
  const used = freshToken();
  const escaped = encodeURIComponent(freshToken());
  return [
    post('/v1/verify', { jid: JID, token: used }),
    post('/v1/verify', { jid: JID, token: used }),
    post('/v1/verify', { jid: JID, token: withWrongSignature(freshToken()) }),
    post('/v1/verify', { jid: JID, token: freshToken(1000) }),
    post('/v1/verify', { jid: 'alice@unknown.example', token: freshToken() }),
    post('/v1/verify', { jid: freshToken(), token: JID }),
    post('/v1/verify', { jid: JID, token: `${freshToken()} ${'x'.repeat(500)}` }),
    post('/v1/verify', { jid: JID, [freshToken()]: freshToken() }),
    post('/v1/verify', `{"jid": "${JID}", "token": "${freshToken()}`),
    post(
      '/v1/verify',
      { jid: JID, token: freshToken() },
      { 'x-request-id': freshToken(), 'user-agent': freshToken() },
    ),
    ['/auth', { headers: basic(JID, freshToken()) }],
    ['/auth', { headers: basic(freshToken().slice(0, 40), freshToken()) }],
    ['/auth', { headers: bearer(freshToken()) }],
    [
      '/auth',
      { headers: { authorization: freshToken(), cookie: `__Host-totp-token=${freshToken()}` } },
    ],
    [`/prosody/http/check_password?user=alice&server=example.com&pass=${escaped}`, {}],
    [`/${escaped}?token=${escaped}`, {}],
    post('/v1/session', { jid: JID, token: withWrongSignature(freshToken()), transport: 'bearer' }),
    post('/v1/issue', { jid: JID }, bearer(CANARY_ISSUE_SECRET.slice(0, -1))),
    post('/v1/issue', { jid: JID, [CANARY_ISSUE_SECRET]: 1 }, bearer(CANARY_ISSUE_SECRET)),
    post('/v1/verify/batch', `${JID}\t${freshToken()}\n${freshToken()}\n`, {
      'content-type': 'text/plain',
    }),
    ['/openapi.json', {}],
    ['/metrics', {}],
    ['/healthz', {}],
  ];
}

describe.runIf(process.platform !== 'win32')(
  'a gateway whose secrets and tokens are looked for',
  () => {
    it('shows none of them in answers, logs, metrics, its description, a refused reload, a fault and a crash', async () => {
      folder.file('keys.json', JSON.stringify({ hosts: { 'example.com': CANARY_KEYS } }));
      const file = folder.file('gateway.toml', CONFIG);
      const { child, result, until, address, output } = await begin(['--config', file], {
        NODE_OPTIONS: `--import ${PRELOAD}`,
        TOTP_TOKEN_GATEWAY_ISSUE_SECRET: CANARY_ISSUE_SECRET,
        TOTP_TOKEN_GATEWAY_SESSION_SECRET: CANARY_SESSION_SECRET,
      });
      let answers = '';
      const statuses: Record<number, number> = {};
      const ask = async (path: string, init: RequestInit) => {
        const answer = await fetch(address + path, { redirect: 'manual', ...init });
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        answers += `${[...answer.headers].join('\n')}\n${await answer.text()}\n`;
      };

      for (const [path, init] of requests()) await ask(path, init);
      expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400', '401', '404']));
      expect(answers).toContain('totp_token_verdicts_total{code="accepted"');
      expect(answers).toContain('"openapi"');

      // Those who may have them are given a token and a session, which must not be printed either.
      const json = { 'content-type': 'application/json' };
      const given = await fetch(`${address}/v1/issue`, {
        method: 'POST',
        headers: { ...json, ...bearer(CANARY_ISSUE_SECRET) },
        body: JSON.stringify({ jid: JID }),
      });
      const { token } = (await given.json()) as { token: string };
      tokens.push(token);
      const begun = await fetch(`${address}/v1/session`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ jid: JID, token, transport: 'bearer' }),
      });
      const { session } = (await begun.json()) as { session: string };
      const sessionCanary = { name: 'session', bytes: Buffer.from(session) };
      await ask('/auth', { headers: bearer(session) });

      const [, port = ''] = /"dovecot":"[^"]*:(\d+)"/.exec(output.stdout) ?? [];
      const hello = 'VERSION\t1\t1\nCPID\t77\n';
      const auth = (id: number, resp: string) => `AUTH\t${id}\tPLAIN\tservice=xmpp\tresp=${resp}\n`;
      const used = freshToken();
      answers += await dovecot(Number(port), [
        hello,
        auth(1, plain(used)),
        auth(2, plain(used)),
        auth(3, freshToken()),
      ]);
      answers += await dovecot(Number(port), [hello, `${freshToken()}\t${freshToken()}\n`]);
      expect(answers).toMatch(/^OK\t1/m);

      for (const broken of [
        `{"hosts": {"example.com": {"otpSeed": "${CANARY_KEYS.otpSeed}", "tokenSecret": "${CANARY_KEYS.tokenSecret}"`,
        JSON.stringify({
          hosts: { 'example.com': [CANARY_KEYS.otpSeed, CANARY_KEYS.tokenSecret] },
        }),
        JSON.stringify({
          hosts: { 'a.b': { ...CANARY_KEYS, otpSeed: `${CANARY_KEYS.otpSeed}189` } },
        }),
        JSON.stringify({ hosts: { 'a.b': { ...CANARY_KEYS, [CANARY_KEYS.tokenSecret]: 1 } } }),
        `${CANARY_KEYS.otpSeed}\n${CANARY_KEYS.tokenSecret}\n`,
      ]) {
        folder.file('keys.json', broken);
        const before = output.stdout.length;
        child.kill('SIGHUP');
        while (!output.stdout.slice(before).includes('reload refused'))
          await once(child.stdout, 'data');
      }

      child.kill('SIGUSR2');
      await until('stderr', /the clock is broken/);
      await ask('/auth', { headers: basic(JID, freshToken(1)) });
      expect(statuses).toHaveProperty('500');
      child.kill('SIGUSR2');
      expect(await result).toMatchObject({ code: 1 });
      expect(output.stderr).toContain('a crash that nobody expects');

      expect(output.stdout).toContain('"code":"replayed"');
      expect(found(answers, secrets())).toEqual([]);
      expect(found(output.stdout + output.stderr, [...secrets(), sessionCanary])).toEqual([]);
    });
  },
);
