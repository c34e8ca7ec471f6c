/** What operators watch with: alerts, dashboard, runbook and fail2ban know the real names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { REFUSALS } from '../../src/gateway/refusal.js';
import { ROOT } from '../../tools/lib/process.mjs';
import { basic, bearer, freshToken, ISSUE_SECRET } from '../unit/gateway/harness.js';
import { post, started } from '../unit/server/server-harness.js';
import { JID, withWrongSignature } from '../unit/token/reference.js';

const read = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8');
const alerts = read('gateway/alerts.yml');
const runbook = read('runbook.md');
const NAMES = [...alerts.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name = '']) => name);

const trusted = '[proxies]\ntrusted = ["127.0.0.1"]\n[log]\naccepted = true\n';
const server = await started(`${trusted}[metrics]\nlisten = "127.0.0.1:0"`, {
  issueSecret: ISSUE_SECRET,
});
/** A request of a client behind the proxy. */
const from = (client: string, headers: Record<string, string>) =>
  fetch(`${server.url}/auth`, { headers: { ...headers, 'x-forwarded-for': client } });

let metrics: string;
beforeAll(async () => {
  await from('203.0.113.1', basic(JID, freshToken()));
  metrics = await (await fetch(`${server.running.operators}/metrics`)).text();
});

describe('each alert', () => {
  it('is in the file once', () => {
    expect(NAMES.length).toBeGreaterThan(10);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it.each(['gateway/alerts.yml', 'gateway/grafana.json', 'runbook.md'])(
    'and %s name only metrics that the gateway has',
    (name) => {
      const used = new Set(read(name).match(/\b(?:totp_token|process)_[a-z_]+\b/g));
      expect(used.size).toBeGreaterThan(1);
      const has = new Set([...metrics.matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, each]) => each));
      expect([...used].filter((each) => !has.has(each))).toEqual([]);
    },
  );

  it('names labels and values that the gateway has', () => {
    const labels: Record<string, readonly string[]> = {};
    for (const [, label = '', values = ''] of alerts.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]+)"/g))
      labels[label] = [...(labels[label] ?? []), ...values.split('|')];
    const { event = [], reason = [], code = [], job, status, ...others } = labels;
    expect(Object.keys(others)).toEqual([]);
    expect([job?.[0], status]).toEqual(['totp-token', ['500']]);
    // An event that has never happened is there with 0: else its first rise would not be seen.
    for (const each of event)
      expect(metrics).toContain(`totp_token_events_total{event="${each}"} 0`);
    expect(reason.filter((each) => !REFUSALS.some((known) => known === each))).toEqual([]);
    const codes = read('../src/token/verdict.ts');
    expect(code.filter((each) => !codes.includes(`'${each}'`))).toEqual([]);
  });

  it('has a section of the runbook with what it means and what to do, and no other section has', () => {
    const sections = runbook.split(/^## /m).slice(1);
    const of = sections.filter((text) => text.startsWith('TotpToken'));
    expect(of.map((text) => text.slice(0, text.indexOf('\n')))).toEqual(
      NAMES.toSorted((a, b) => runbook.indexOf(`## ${a}`) - runbook.indexOf(`## ${b}`)),
    );
    for (const text of of) expect(text).toMatch(/\n\*Means:\*[\s\S]+\n\*Do:\*/);
    for (const name of NAMES)
      expect(alerts).toContain(`runbook: docs/runbook.md#${name.toLowerCase()}\n`);
  });
});

it('the runbook explains every reason of a refusal', () => {
  const known = REFUSALS.filter((reason) => !['key-gone', 'wrong-secret'].includes(reason));
  const table = runbook.slice(runbook.indexOf('| reason |'), runbook.indexOf('## TotpTokenSecret'));
  expect([...table.matchAll(/`([a-z\d-]+)`/g)].map(([, name]) => name)).toEqual(
    expect.arrayContaining(known),
  );
});

describe('fail2ban', () => {
  /** The filter's expressions, as fail2ban puts them together, in JavaScript. */
  const filter = (() => {
    const text = read('gateway/fail2ban/totp-token.conf');
    const field = (name: string) => new RegExp(`^${name} = (.+(?:\\n +.+)*)`, 'm').exec(text)?.[1];
    const expressions = (field('failregex') ?? '').split('\n').map((line) =>
      line
        .trim()
        .replace('%(_start)s', field('_start') ?? '')
        .replace('%(_end)s', field('_end') ?? '')
        .replace('<ADDR>', '(?<address>[\\d.]+|[\\da-f:.]+)'),
    );
    return expressions.map((expression) => new RegExp(expression));
  })();
  const banned = (line: string) =>
    filter.map((expression) => expression.exec(line)?.groups?.address).find((found) => found);

  it('bans who guesses, and nobody whose token was used up or whose session has ended', async () => {
    const used = freshToken();
    const guesses = [
      basic(JID, withWrongSignature(freshToken())),
      basic('a\\b@unknown.example', freshToken()),
      basic(JID, 'hunter2'),
      { authorization: 'Basic %%%' },
    ];
    await from('203.0.113.9', basic(JID, used));
    await from('203.0.113.9', basic(JID, used));
    await from('203.0.113.9', bearer('a.b.c'));
    for (const [i, headers] of guesses.entries()) await from(`2001:db8::${i + 1}`, headers);
    await post(
      `${server.url}/v1/issue`,
      { jid: JID },
      { ...bearer('x'), 'x-forwarded-for': '192.0.2.1' },
    );
    const lines = server.log().trimEnd().split('\n');
    expect(lines.map(banned).filter((each) => each !== undefined)).toEqual([
      '2001:db8::1',
      '2001:db8::2',
      '2001:db8::3',
      '2001:db8::4',
      '192.0.2.1',
    ]);
    expect(lines.join()).toContain('"code":"replayed"');
    expect(lines.join()).toContain('"reason":"bad-session"');
  });

  it('reads the lines of workers, of the journal, and after those that were not logged', () => {
    const line =
      '{"level":"info","time":"2026-01-01T00:00:00.000Z","name":"totp-token","worker":2,"protocol":"dovecot","code":"malformed","reason":"no-nuls","client":"192.0.2.7","unlogged":7,"msg":"rejected"}';
    expect(banned(line)).toBe('192.0.2.7');
    expect(banned(`host totp-token[12]: ${line}`)).toBe('192.0.2.7');
    // fail2ban takes the time out of a line before it compares it.
    expect(banned(line.replace(/"time":"[^"]*"/, '"time":""'))).toBe('192.0.2.7');
  });

  it('takes no address out of a name', () => {
    const name = 'x","client":"192.0.2.7","a":"@example.com';
    const line = `{"level":"info","time":"","name":"totp-token","protocol":"auth","code":"wrong-otp","jid":${JSON.stringify(name)},"microseconds":1,"request":"a","client":"203.0.113.5","msg":"rejected"}`;
    expect(banned(line)).toBe('203.0.113.5');
  });
});
