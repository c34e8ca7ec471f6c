/**
 * Several processes on one address: one acceptance, one set of metrics, sessions that end for all.
 */
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { childrenOf } from '../../../../tools/lib/processes.mjs';
import { KEYS, temporaryFolder } from '../../cli/binary.js';
import { begin, freshToken, verify } from '../../cli/gateway-process.js';
import { ISSUE_SECRET } from '../../gateway/harness.js';

const folder = temporaryFolder();
folder.file('keys.json', JSON.stringify({ hosts: KEYS }));
folder.file('issue.secret', ISSUE_SECRET);
const config = folder.file(
  'gateway.toml',
  'listen = "127.0.0.1:0"\nkeys = "keys.json"\nworkers = 2\n[metrics]\nlisten = "127.0.0.1:0"\n[issue]\nsecretFile = "issue.secret"\n[guard]\nkind = "lmdb"\ntimeoutMs = 60000\npath = "guard"\nrejectStepsBefore = "none"\n',
);
const AT_ONCE = 30;

const statuses = async (ask: () => Promise<Response>, count = AT_ONCE) => {
  const all = await Promise.all(Array.from({ length: count }, async () => (await ask()).status));
  return {
    good: all.filter((status) => status < 300).length,
    unauthorized: all.filter((s) => s === 401).length,
  };
};

it.runIf(process.platform !== 'win32')(
  'two processes accept a token once, end a session once, and count together',
  async () => {
    const { child, result, address, until, output } = await begin(['--config', config]);
    // A connection each, so that they go to all processes.
    const close = { connection: 'close' };

    const token = freshToken(1);
    expect(await statuses(() => verify(address, token))).toEqual({
      good: 1,
      unauthorized: AT_ONCE - 1,
    });
    const refusing = () =>
      new Set(
        [...output.stdout.matchAll(/"worker":(\d+)[^\n]*"code":"replayed"/g)].map(([, id]) => id),
      ).size;
    await expect.poll(refusing).toBeGreaterThan(1);

    const [, operators = ''] = await until('stdout', /"operators":"([^"]+)"/);
    const metrics = await (await fetch(`${operators}/metrics`)).text();
    expect(metrics).toMatch(
      /totp_token_verdicts_total\{code="accepted",host="example.com",protocol="verify"\} 1\n/,
    );
    expect(metrics).toMatch(
      new RegExp(
        `totp_token_verdicts_total\\{code="replayed",host="example.com",protocol="verify"\\} ${AT_ONCE - 1}\\n`,
      ),
    );
    expect(metrics).toMatch(/totp_token_hosts 1\n/);
    // Of the guard that they share, not of both together.
    expect(metrics).toMatch(/totp_token_guard_entries 1\n/);
    expect(metrics).toMatch(/totp_token_guard_capacity 10000000\n/);

    const jid = 'alice@example.com';
    const login = async (nonce: number) => {
      const began = await fetch(`${address}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...close },
        body: JSON.stringify({ jid, token: freshToken(nonce), transport: 'bearer' }),
      });
      const { session } = (await began.json()) as { session: string };
      return { authorization: `Bearer ${session}`, ...close };
    };
    const asUser = await login(2);
    const isLetIn = (headers = asUser) => fetch(`${address}/auth`, { headers });
    expect(await statuses(() => isLetIn())).toEqual({ good: AT_ONCE, unauthorized: 0 });
    await fetch(`${address}/v1/session`, { method: 'DELETE', headers: asUser });
    // The others are told; that takes a moment.
    const none = { good: 0, unauthorized: AT_ONCE };
    await expect.poll(() => statuses(() => isLetIn())).toEqual(none);

    const revoked = await login(6);
    const isRevoked = () => isLetIn(revoked);
    expect(await statuses(isRevoked)).toEqual({ good: AT_ONCE, unauthorized: 0 });
    const asOperator = { authorization: `Bearer ${ISSUE_SECRET}`, ...close };
    const revocation = await fetch(`${operators}/sessions/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...asOperator },
      body: JSON.stringify({ jid }),
    });
    expect(revocation.status).toBe(200);
    await expect.poll(() => statuses(isRevoked)).toEqual(none);

    const used = [freshToken(3), freshToken(4)];
    for (const each of used) expect((await verify(address, each)).status).toBe(200);
    process.kill(childrenOf(child.pid)[0]!, 'SIGKILL');
    await until('stderr', /a worker ended \(SIGKILL\), another takes its place/);
    await until('stdout', /"worker":3,[^\n]*"msg":"listening"/);
    for (const each of used) {
      expect(await statuses(() => verify(address, each), 6)).toEqual({ good: 0, unauthorized: 6 });
    }
    expect(await statuses(() => isLetIn())).toEqual(none);
    // The one that came later knows it, too.
    expect(await statuses(isRevoked)).toEqual(none);
    for (let i = 0; i < 6; i++) {
      const listed = await fetch(`${operators}/sessions`, { headers: asOperator });
      expect(await listed.json()).toMatchObject({ ended: 1, revoked: [{ jid }] });
    }

    child.kill('SIGTERM');
    expect((await result).code).toBe(0);
    expect(output.stdout.match(/"msg":"stopped"/g)).toHaveLength(2);
    // The next gateway on this folder knows them, too.
    const next = await begin(['--config', config, '--workers', '1']);
    for (const each of used) expect((await verify(next.address, each)).status).toBe(401);
    expect((await verify(next.address, freshToken(5))).status).toBe(200);
    next.child.kill('SIGTERM');
    expect((await next.result).code).toBe(0);
  },
);

it.runIf(process.platform !== 'win32')(
  'several processes serve on sockets that killed ones left behind',
  { timeout: 120_000 },
  async () => {
    const [http = '', ...others] = ['http', 'dovecot', 'spoe'].map((name) =>
      join(folder.path, `${name}.sock`),
    );
    const args = [
      ...['--config', config, '--listen', `unix:${http}`],
      ...['--dovecot', `unix:${others[0]}`, '--spoe', `unix:${others[1]}`],
    ];
    const areThere = () => [http, ...others].map((path) => existsSync(path));
    const status = () =>
      new Promise((resolve, reject) => {
        const asked = request({ socketPath: http, path: '/healthz', agent: false }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        asked.on('error', reject).end();
      });
    for (let round = 0; round < 2; round++) {
      const { child, result, until } = await begin(args);
      expect([await status(), ...areThere()]).toEqual([200, true, true, true]);
      // One that takes the place of another leaves the sockets as they are.
      if (round === 0) {
        process.kill(childrenOf(child.pid)[0]!, 'SIGKILL');
        await until('stdout', /"worker":3,[^\n]*"msg":"listening"/);
        expect(await status()).toBe(200);
      }
      child.kill('SIGKILL');
      await result;
      expect(areThere()).toEqual([true, true, true]);
    }
  },
);
