import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ROOT } from '../../../../tools/lib/process.mjs';
import { leaks } from '../../cli/binary.js';
import { basic, freshToken, ISSUE_SECRET } from '../../gateway/harness.js';
import { JID, KEYS, withWrongSignature } from '../../token/reference.js';
import { post, started } from '../server-harness.js';

describe('log and metrics', () => {
  it('hold no token, OTP, nonce, signature, session or key, wherever a client puts them', async () => {
    const server = await started(
      '[log]\nlevel = "debug"\naccepted = true\n[auth]\ndefaultHost = "example.com"',
      {
        issueSecret: ISSUE_SECRET,
      },
    );
    const { url } = server;
    const token = freshToken();
    const secrets = [
      token.slice(0, 8),
      token.slice(8, 40),
      token.slice(41),
      KEYS.otpSeed,
      KEYS.tokenSecret,
      ISSUE_SECRET,
    ];
    const json = { 'content-type': 'application/json' };
    const asks: [string, RequestInit][] = [
      [
        '/v1/verify',
        { method: 'POST', headers: json, body: JSON.stringify({ jid: token, token: JID }) },
      ],
      [
        '/v1/verify',
        {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ jid: JID, token, [token]: token }),
        },
      ],
      ['/v1/verify', { method: 'POST', headers: json, body: token }],
      ['/auth', { headers: basic(token, 'x') }],
      ['/auth', { headers: basic(`${token.slice(0, 40)}@example.com`, token) }],
      [
        '/auth',
        { headers: basic(`${token.slice(41).toLowerCase().replaceAll('/', '')}@example.com`, 'x') },
      ],
      [
        `/auth/${encodeURIComponent(token)}?token=${encodeURIComponent(token)}`,
        { headers: basic(JID, withWrongSignature(token)) },
      ],
      [
        '/auth',
        {
          headers: {
            ...basic(JID, 'x'),
            'x-request-id': token.slice(0, 40),
            'x-forwarded-for': token,
          },
        },
      ],
      [`/nothing/${encodeURIComponent(token)}`, {}],
      [
        `/prosody/http/check_password?user=alice&server=example.com&pass=${encodeURIComponent(token)}`,
        {},
      ],
      [
        `/prosody/http/check_password?user=alice&server=example.com&pass=${encodeURIComponent(token)}`,
        {},
      ],
      [
        '/v1/issue',
        {
          method: 'POST',
          headers: { ...json, authorization: `Bearer ${ISSUE_SECRET}` },
          body: JSON.stringify({ jid: JID }),
        },
      ],
      [
        '/v1/verify/batch',
        {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body: `${JID}\t${token}\n${token}\n`,
        },
      ],
    ];
    const statuses: number[] = [];
    for (const [path, init] of asks) {
      const answer = await fetch(url + path, init);
      statuses.push(answer.status);
      if (path === '/v1/issue')
        secrets.push(...((await answer.json()) as { token: string }).token.split(' '));
      else expect(leaks(await answer.text(), secrets)).toEqual([]);
    }
    expect(statuses).toEqual([401, 400, 400, 401, 401, 401, 401, 401, 404, 200, 200, 200, 200]);
    const begun = await post(`${url}/v1/session`, {
      jid: JID,
      token: freshToken(),
      transport: 'bearer',
    });
    secrets.push(((await begun.json()) as { session: string }).session);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    await expect
      .poll(() => server.lines().map(({ msg }) => msg))
      .toEqual(
        expect.arrayContaining(['accepted', 'rejected', 'issued', 'batch', 'session-began']),
      );
    expect(leaks(server.log() + metrics, secrets)).toEqual([]);
  });

  it('name the client and an id of the request, and only hosts that have keys', async () => {
    const server = await started('[log]\naccepted = true');
    const forged = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'client-made-id' };
    await fetch(`${server.url}/auth`, { headers: { ...basic(JID, freshToken()), ...forged } });
    await fetch(`${server.url}/auth`, { headers: basic('a@made-up.example', freshToken()) });
    const line = server.lines().find(({ msg }) => msg === 'accepted');
    expect(line).toMatchObject({
      level: 'info',
      protocol: 'auth',
      code: 'accepted',
      jid: JID,
      client: '127.0.0.1',
    });
    expect(line?.request).toMatch(/^[\da-f-]{36}$/);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain(
      'totp_token_verdicts_total{code="accepted",host="example.com",protocol="auth"} 1',
    );
    expect(metrics).toContain(
      'totp_token_verdicts_total{code="unknown-host",host="other",protocol="auth"} 1',
    );
    expect(metrics).not.toContain('made-up');
    expect(metrics).toMatch(/totp_token_build_info\{version="0\.0\.0",node="[\d.]+"} 1/);
    expect(metrics).toContain('totp_token_verify_seconds_count 2');
  });

  it('have every metric that the Grafana dashboard shows', async () => {
    const server = await started();
    await fetch(`${server.url}/auth`, { headers: basic(JID, 'x') });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const dashboard = readFileSync(join(ROOT, 'docs', 'gateway', 'grafana.json'), 'utf8');
    const names = new Set(dashboard.match(/\b(?:totp_token|process)_[a-z_]+\b/g));
    expect(names.size).toBeGreaterThan(8);
    for (const name of names) expect(metrics).toContain(name);
  });

  it('take the client and the id of the request from a trusted proxy', async () => {
    const server = await started('[proxies]\ntrusted = ["127.0.0.0/8", "10.0.0.0/8"]');
    const headers = {
      'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.1.2.3',
      'x-request-id': 'proxy-made-id',
    };
    await fetch(`${server.url}/auth`, { headers: { ...basic(JID, 'x'), ...headers } });
    expect(server.lines().at(-1)).toMatchObject({
      client: '203.0.113.9',
      request: 'proxy-made-id',
    });
  });

  it('leave out lines above log.linesPerSecond, and count every verdict', async () => {
    // All of it happens within one second of the log's clock.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
    onTestFinished(() => clock.mockRestore());
    const server = await started('[log]\nlinesPerSecond = 5');
    for (let i = 0; i < 40; i++) await fetch(`${server.url}/auth`, { headers: basic(JID, 'x') });
    const rejected = server.lines().filter(({ msg }) => msg === 'rejected').length;
    expect(rejected).toBe(5);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'totp_token_verdicts_total{code="malformed",host="example.com",protocol="auth"} 40',
    );
  });
});
